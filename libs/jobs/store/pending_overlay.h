// PendingOverlay: the rows as they will be once what is pending is committed. The one place that
// knows whether a row is among the uncommitted changes or must be read from the store.

#ifndef NIWAKI_LIBS_JOBS_STORE_PENDING_OVERLAY_H_
#define NIWAKI_LIBS_JOBS_STORE_PENDING_OVERLAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/jobs/store/job_store.h"
#include "libs/jobs/store/mutations.h"

namespace niwaki::jobs {

// Not thread-safe. What it has read ahead stays true because nobody else commits: one overlay leads
// a store at a time.
class PendingOverlay {
 public:
  // `committed` outlives the overlay.
  explicit PendingOverlay(const JobReader& committed) : committed_(committed) {}

  // Each as the function of JobReader would answer after the commit.
  absl::StatusOr<std::optional<Job>> FindJob(absl::string_view job_id) const;
  absl::StatusOr<std::optional<Job>> FindJobByUid(int64_t uid) const;
  absl::StatusOr<std::optional<Candidate>> FindCandidate(const CandidateRef& ref) const;
  absl::StatusOr<std::optional<Score>> FindScore(const ScoreKey& key) const;
  absl::StatusOr<std::optional<Int8Network>> FindNetwork(const NetworkKey& key) const;
  absl::StatusOr<std::optional<Int8Network>> FindNetworkMadeFrom(
      absl::string_view quantise_key) const;
  absl::StatusOr<std::optional<RequestRecord>> FindRequest(absl::string_view request_id) const;
  absl::StatusOr<std::optional<Supernet>> FindSupernet(absl::string_view name) const;

  // Reads all of these from the store, in one read of each kind, so that Find need not until the
  // next Take. Keys that are known already are not read; "" is no id. An error leaves everything as
  // it was: Find reads by itself then.
  absl::Status Prefetch(absl::Span<const ScoreKey> scores,
                        absl::Span<const std::string> request_ids);

  // What is pending; changed at will. A score may be added only where FindScore finds none.
  Mutations& pending() { return pending_; }
  const Mutations& pending() const { return pending_; }

  // The job and its candidates go, whether they are pending or committed.
  void DeleteJob(int64_t uid);

  // Hands over what is pending, to be committed, and begins anew.
  Mutations Take();

 private:
  const JobReader& committed_;
  Mutations pending_;
  // Read ahead; nullopt where the store has nothing.
  absl::flat_hash_map<ScoreKey, std::optional<Score>> scores_;
  absl::flat_hash_map<std::string, std::optional<RequestRecord>> requests_;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_STORE_PENDING_OVERLAY_H_
