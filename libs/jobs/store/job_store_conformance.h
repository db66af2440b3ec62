// The tests that every JobStore passes:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreConformance, ::testing::Values(&MakeSqliteRig));

#ifndef NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_
#define NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

// A store and what a test may do to it.
class StoreRig {
 public:
  virtual ~StoreRig() = default;

  // Empty at first. Valid until Reopen.
  virtual JobStore& store() = 0;

  // Closes the store and opens what it kept, as after a restart of the process.
  virtual void Reopen() = 0;

  // The next Commit fails with `status`: before it took effect, or after, so that all of it is
  // there all the same.
  virtual void FailNextCommitBefore(absl::Status status) = 0;
  virtual void FailNextCommitAfter(absl::Status status) = 0;
};

using MakeRig = std::unique_ptr<StoreRig> (*)();

class JobStoreConformance : public ::testing::TestWithParam<MakeRig> {
 protected:
  void SetUp() override { rig_ = GetParam()(); }

  JobStore& store() { return rig_->store(); }
  // In the newest epoch.
  absl::Status Commit(const Mutations& mutations) { return store().Commit(mutations, epoch_); }

  std::unique_ptr<StoreRig> rig_;
  LeaderEpoch epoch_ = 0;
};

// Rows with every field set.
Job SampleJob(int64_t uid, const std::string& id, JobState state);
Candidate SampleCandidate(int64_t slot, CandidateState state);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_
