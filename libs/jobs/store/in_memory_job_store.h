// InMemoryJobStore: a JobStore without a disk, for tests and simulations. "Crash" is to make a new
// engine from it.

#ifndef NIWAKI_LIBS_JOBS_STORE_IN_MEMORY_JOB_STORE_H_
#define NIWAKI_LIBS_JOBS_STORE_IN_MEMORY_JOB_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

// When a commit that is to fail does so.
enum class CommitFailure { kBefore, kAfter };

// Thread-safe.
class InMemoryJobStore : public JobStore {
 public:
  absl::StatusOr<std::optional<Job>> FindJob(absl::string_view job_id) const override;
  absl::StatusOr<std::optional<Job>> FindJobByUid(int64_t uid) const override;
  absl::StatusOr<std::optional<Candidate>> FindCandidate(const CandidateRef& ref) const override;
  absl::StatusOr<std::optional<Score>> FindScore(const ScoreKey& key) const override;
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(
      absl::string_view request_id) const override;
  absl::StatusOr<std::optional<Supernet>> FindSupernet(absl::string_view name) const override;
  absl::StatusOr<std::optional<Int8Network>> FindNetwork(const NetworkKey& key) const override;
  absl::StatusOr<std::optional<Int8Network>> FindNetworkMadeFrom(
      absl::string_view quantise_key) const override;
  absl::StatusOr<std::vector<Candidate>> ListProofs(int64_t job_uid) const override;
  absl::StatusOr<std::vector<Job>> ListJobs(int64_t before_uid, int64_t limit) const override;
  absl::StatusOr<std::vector<Candidate>> ListCandidates(int64_t job_uid, int64_t from_slot,
                                                        std::optional<CandidateState> state,
                                                        int64_t limit) const override;
  absl::StatusOr<std::vector<Supernet>> ListSupernets(absl::string_view after_name,
                                                      int64_t limit) const override;
  absl::StatusOr<absl::flat_hash_map<ScoreKey, Score>> FindScores(
      absl::Span<const ScoreKey> keys) const override;
  absl::StatusOr<absl::flat_hash_map<std::string, RequestRecord>> FindRequests(
      absl::Span<const std::string> request_ids) const override;
  absl::StatusOr<LeaderEpoch> BeginEpoch() override;
  absl::StatusOr<LiveState> Load() const override;
  absl::Status Commit(const Mutations& mutations, LeaderEpoch epoch) override;
  absl::Status Probe(LeaderEpoch epoch) override;

  // The `n`-th Commit from now (1 is the next) fails with `status`: before it took effect, or
  // after, when all of it is there all the same.
  void FailCommit(int64_t n, absl::Status status, CommitFailure time = CommitFailure::kBefore);

 private:
  void Write(const Mutations& mutations) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  LeaderEpoch epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_job_uid_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<int64_t, Job> jobs_ ABSL_GUARDED_BY(mutex_);
  std::map<CandidateRef, Candidate> candidates_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<ScoreKey, Score> scores_ ABSL_GUARDED_BY(mutex_);
  std::map<NetworkKey, Int8Network> networks_ ABSL_GUARDED_BY(mutex_);
  // The first network of each quantise key.
  std::map<std::string, Int8Network, std::less<>> made_from_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, RequestRecord, std::less<>> requests_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Supernet, std::less<>> supernets_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, DrainedWorker> drained_workers_ ABSL_GUARDED_BY(mutex_);
  int64_t fail_in_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  CommitFailure failure_time_ ABSL_GUARDED_BY(mutex_) = CommitFailure::kBefore;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_IN_MEMORY_JOB_STORE_H_
