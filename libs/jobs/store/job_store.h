// JobStore: what must survive a crash. Every implementation passes job_store_conformance.h.

#ifndef NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_
#define NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/jobs/store/mutations.h"

namespace niwaki::jobs {

// Reads of committed rows. Thread-safe. Absence is normal (nullopt, an empty list); an error is the
// store's.
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

class JobStore : public JobReader {
 public:
  virtual absl::StatusOr<LiveState> Load() const = 0;

  // Atomic and durable: after OK all of it survives power loss, after an error none of it is there.
  // One caller at a time. A score that is there already stays as it is.
  virtual absl::Status Commit(const Mutations& mutations) = 0;

  // A real write and read, for health checks. Not concurrently with Commit.
  virtual absl::Status Probe() = 0;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_JOB_STORE_H_
