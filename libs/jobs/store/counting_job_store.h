// CountingJobStore: passes reads on and counts them, for tests of how often a store is asked.

#ifndef NIWAKI_LIBS_JOBS_STORE_COUNTING_JOB_STORE_H_
#define NIWAKI_LIBS_JOBS_STORE_COUNTING_JOB_STORE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/jobs/store/job_store.h"

namespace niwaki::jobs {

// A JobStore in front of another; only its reads are counted. As thread-safe as `store`, which it
// borrows.
class CountingJobStore : public JobStore {
 public:
  explicit CountingJobStore(JobStore& store) : store_(store) {}

  // Calls since the last Reset: of one row, and of many at once.
  int64_t single_reads() const { return single_reads_; }
  int64_t batch_reads() const { return batch_reads_; }
  void Reset() { single_reads_ = batch_reads_ = 0; }

  absl::StatusOr<std::optional<Job>> FindJob(absl::string_view job_id) const override {
    ++single_reads_;
    return store_.FindJob(job_id);
  }
  absl::StatusOr<std::optional<Job>> FindJobByUid(int64_t uid) const override {
    ++single_reads_;
    return store_.FindJobByUid(uid);
  }
  absl::StatusOr<std::optional<Candidate>> FindCandidate(const CandidateRef& ref) const override {
    ++single_reads_;
    return store_.FindCandidate(ref);
  }
  absl::StatusOr<std::optional<Score>> FindScore(const ScoreKey& key) const override {
    ++single_reads_;
    return store_.FindScore(key);
  }
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(
      absl::string_view request_id) const override {
    ++single_reads_;
    return store_.FindRequest(request_id);
  }
  absl::StatusOr<std::optional<Supernet>> FindSupernet(absl::string_view name) const override {
    ++single_reads_;
    return store_.FindSupernet(name);
  }
  absl::StatusOr<absl::flat_hash_map<ScoreKey, Score>> FindScores(
      absl::Span<const ScoreKey> keys) const override {
    ++batch_reads_;
    return store_.FindScores(keys);
  }
  absl::StatusOr<absl::flat_hash_map<std::string, RequestRecord>> FindRequests(
      absl::Span<const std::string> request_ids) const override {
    ++batch_reads_;
    return store_.FindRequests(request_ids);
  }
  absl::StatusOr<std::optional<Int8Network>> FindNetwork(const NetworkKey& key) const override {
    ++single_reads_;
    return store_.FindNetwork(key);
  }
  absl::StatusOr<std::optional<Int8Network>> FindNetworkMadeFrom(
      absl::string_view quantise_key) const override {
    ++single_reads_;
    return store_.FindNetworkMadeFrom(quantise_key);
  }
  absl::StatusOr<std::vector<Candidate>> ListProofs(int64_t job_uid) const override {
    return store_.ListProofs(job_uid);
  }
  absl::StatusOr<std::vector<Job>> ListJobs(int64_t before_uid, int64_t limit) const override {
    return store_.ListJobs(before_uid, limit);
  }
  absl::StatusOr<std::vector<Candidate>> ListCandidates(int64_t job_uid, int64_t from_slot,
                                                        std::optional<CandidateState> state,
                                                        int64_t limit) const override {
    return store_.ListCandidates(job_uid, from_slot, state, limit);
  }
  absl::StatusOr<std::vector<Supernet>> ListSupernets(absl::string_view after_name,
                                                      int64_t limit) const override {
    return store_.ListSupernets(after_name, limit);
  }
  absl::StatusOr<LeaderEpoch> BeginEpoch() override { return store_.BeginEpoch(); }
  absl::StatusOr<LiveState> Load() const override { return store_.Load(); }
  absl::Status Commit(const Mutations& mutations, LeaderEpoch epoch) override {
    return store_.Commit(mutations, epoch);
  }
  absl::Status Probe(LeaderEpoch epoch) override { return store_.Probe(epoch); }

 private:
  JobStore& store_;
  mutable std::atomic<int64_t> single_reads_{0};
  mutable std::atomic<int64_t> batch_reads_{0};
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_COUNTING_JOB_STORE_H_
