// The tests that every JobStore passes:
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreConformance, ::testing::Values(&MakeSqliteStore));

#ifndef NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_
#define NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_

#include <memory>

#include "gtest/gtest.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

// A store without content.
using MakeStore = std::unique_ptr<JobStore> (*)();

class JobStoreConformance : public ::testing::TestWithParam<MakeStore> {
 protected:
  void SetUp() override { store_ = GetParam()(); }

  std::unique_ptr<JobStore> store_;
};

// Rows with every field set.
Job SampleJob(int64_t uid, const std::string& id, JobState state);
Candidate SampleCandidate(int64_t slot, CandidateState state);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_JOB_STORE_CONFORMANCE_H_
