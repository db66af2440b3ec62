// JobStore: what must survive a crash. Every implementation passes job_store_conformance.h, and
// nothing here tells which one it is.
//
// Whoever changes jobs leads: it begins an epoch, loads, and names the epoch with every commit.
// Once another has begun a later one, commits of the earlier are refused, so a leader that was cut
// off and does not know it changes nothing any more.

#ifndef NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_
#define NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/jobs/store/mutations.h"

namespace niwaki::jobs {

// Reads of committed rows. Thread-safe, also beside a commit: a call sees all of a commit or
// nothing of it, and never less than an earlier call saw. Absence is normal (nullopt, an empty
// list); an error is the store's.
class JobReader {
 public:
  virtual ~JobReader() = default;

  virtual absl::StatusOr<std::optional<Job>> FindJob(absl::string_view job_id) const = 0;
  virtual absl::StatusOr<std::optional<Job>> FindJobByUid(int64_t uid) const = 0;
  virtual absl::StatusOr<std::optional<Candidate>> FindCandidate(const CandidateRef& ref) const = 0;
  virtual absl::StatusOr<std::optional<Score>> FindScore(const ScoreKey& key) const = 0;
  virtual absl::StatusOr<std::optional<RequestRecord>> FindRequest(
      absl::string_view request_id) const = 0;
  virtual absl::StatusOr<std::optional<Supernet>> FindSupernet(absl::string_view name) const = 0;

  // The int8 network of a key, and the first that was made from a quantise key, for whichever
  // network key.
  virtual absl::StatusOr<std::optional<Int8Network>> FindNetwork(const NetworkKey& key) const = 0;
  virtual absl::StatusOr<std::optional<Int8Network>> FindNetworkMadeFrom(
      absl::string_view quantise_key) const = 0;

  // The candidates of a job that were chosen to be proven, by slot.
  virtual absl::StatusOr<std::vector<Candidate>> ListProofs(int64_t job_uid) const = 0;

  // Those of many that are there, in one read. A key that is given twice is fine.
  virtual absl::StatusOr<absl::flat_hash_map<ScoreKey, Score>> FindScores(
      absl::Span<const ScoreKey> keys) const = 0;
  // By id.
  virtual absl::StatusOr<absl::flat_hash_map<std::string, RequestRecord>> FindRequests(
      absl::Span<const std::string> request_ids) const = 0;

  // Up to `limit` jobs, newest (greatest uid) first, with uids below `before_uid` (0: from the
  // newest).
  virtual absl::StatusOr<std::vector<Job>> ListJobs(int64_t before_uid, int64_t limit) const = 0;

  // Up to `limit` candidates of a job by slot, from `from_slot` on; only those in `state` when
  // given.
  virtual absl::StatusOr<std::vector<Candidate>> ListCandidates(int64_t job_uid, int64_t from_slot,
                                                                std::optional<CandidateState> state,
                                                                int64_t limit) const = 0;

  // Up to `limit` supernets by name, after `after_name` ("" for the first).
  virtual absl::StatusOr<std::vector<Supernet>> ListSupernets(absl::string_view after_name,
                                                              int64_t limit) const = 0;
};

// Everything that the engine keeps in memory.
struct LiveState {
  int64_t next_job_uid = 1;
  // Jobs whose state is not final.
  std::vector<Job> jobs;
  // Their candidates without an outcome.
  std::vector<std::pair<CandidateRef, Candidate>> open_candidates;
  // By name.
  std::vector<DrainedWorker> drained_workers;
};

// Who leads: greater for each that came later. 0, where nobody has led yet, is an epoch too.
using LeaderEpoch = int64_t;

// The error of a write of `stale` when `current` has begun: Aborted LEADER_FENCED.
absl::Status LeaderFenced(LeaderEpoch stale, LeaderEpoch current);

class JobStore : public JobReader {
 public:
  // Begins an epoch, durably: greater than every one before, which are over.
  virtual absl::StatusOr<LeaderEpoch> BeginEpoch() = 0;

  virtual absl::StatusOr<LiveState> Load() const = 0;

  // Atomic: after OK all of it is there and survives power loss. Aborted LEADER_FENCED, and nothing
  // is written, unless `epoch` is the one that began last. After any other error all of it is there
  // or nothing, and only a Load tells (a connection may break when the commit has taken effect but
  // its answer has not arrived). One caller at a time. A score or an int8 network that is there
  // already stays as it is.
  virtual absl::Status Commit(const Mutations& mutations, LeaderEpoch epoch) = 0;

  // A real write and read, for health checks. Aborted LEADER_FENCED as in Commit. Not concurrently
  // with Commit.
  virtual absl::Status Probe(LeaderEpoch epoch) = 0;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_
