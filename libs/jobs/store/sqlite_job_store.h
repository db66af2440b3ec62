// SqliteJobStore: the durable JobStore, one SQLite database of one coordinator.

#ifndef NIWAKI_LIBS_JOBS_STORE_SQLITE_JOB_STORE_H_
#define NIWAKI_LIBS_JOBS_STORE_SQLITE_JOB_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/jobs/store/job_store.h"
#include "libs/store/connection.h"

namespace niwaki::jobs {

// Reads are thread-safe, each on a connection of its own from a small pool; BeginEpoch, Load,
// Commit and Probe belong to one thread.
class SqliteJobStore : public JobStore {
 public:
  // Opens or makes the database. Errors: FailedPrecondition DATABASE_LOCKED while another process
  // has it, SCHEMA_TOO_NEW, DATABASE_FOREIGN; DataLoss DATA_CORRUPT; the system's for a folder that
  // cannot be written. `options` is for tests: faults, not the read-only kinds.
  static absl::StatusOr<std::unique_ptr<SqliteJobStore>> Open(
      const std::string& path, store::ConnectionOptions options = store::ConnectionOptions());

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

  // The connection that writes, for tests that limit or inspect the database.
  store::Connection& writer() { return *writer_; }

 private:
  SqliteJobStore(std::string path, std::unique_ptr<store::Connection> writer)
      : path_(std::move(path)), writer_(std::move(writer)) {}

  // A reading connection on loan.
  class Reader;
  absl::StatusOr<Reader> Borrow() const;
  // A full disk in words that say what to do; other errors as they are.
  absl::Status Explain(const absl::Status& status) const;
  absl::StatusOr<LeaderEpoch> BeginEpochOnce();
  absl::Status CommitOnce(const Mutations& mutations, LeaderEpoch epoch);
  absl::Status ProbeOnce(LeaderEpoch epoch);
  // Within the transaction of a write.
  absl::Status CheckEpoch(LeaderEpoch epoch);

  const std::string path_;
  const std::unique_ptr<store::Connection> writer_;
  mutable absl::Mutex mutex_;
  mutable std::vector<std::unique_ptr<store::Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_SQLITE_JOB_STORE_H_
