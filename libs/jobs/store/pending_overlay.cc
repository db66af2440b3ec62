#include "libs/jobs/store/pending_overlay.h"

#include <utility>
#include <vector>

#include "libs/base/status_macros.h"

namespace niwaki::jobs {

absl::StatusOr<std::optional<Job>> PendingOverlay::FindJob(absl::string_view job_id) const {
  for (const auto& [uid, job] : pending_.jobs) {
    if (job.id == job_id) return job;
  }
  NIWAKI_ASSIGN_OR_RETURN(std::optional<Job> job, committed_.FindJob(job_id));
  if (job.has_value() && pending_.deleted_jobs.count(job->uid) > 0) return std::nullopt;
  return job;
}

absl::StatusOr<std::optional<Job>> PendingOverlay::FindJobByUid(int64_t uid) const {
  const auto it = pending_.jobs.find(uid);
  if (it != pending_.jobs.end()) return it->second;
  if (pending_.deleted_jobs.count(uid) > 0) return std::nullopt;
  return committed_.FindJobByUid(uid);
}

absl::StatusOr<std::optional<Candidate>> PendingOverlay::FindCandidate(
    const CandidateRef& ref) const {
  const auto it = pending_.candidates.find(ref);
  if (it != pending_.candidates.end()) return it->second;
  if (pending_.deleted_jobs.count(ref.job_uid) > 0) return std::nullopt;
  return committed_.FindCandidate(ref);
}

absl::StatusOr<std::optional<Score>> PendingOverlay::FindScore(const ScoreKey& key) const {
  const auto pending = pending_.scores.find(key);
  if (pending != pending_.scores.end()) return pending->second;
  const auto ahead = scores_.find(key);
  if (ahead != scores_.end()) return ahead->second;
  return committed_.FindScore(key);
}

absl::StatusOr<std::optional<Int8Network>> PendingOverlay::FindNetwork(
    const NetworkKey& key) const {
  const auto pending = pending_.networks.find(key);
  if (pending != pending_.networks.end()) return pending->second;
  return committed_.FindNetwork(key);
}

absl::StatusOr<std::optional<Int8Network>> PendingOverlay::FindNetworkMadeFrom(
    absl::string_view quantise_key) const {
  NIWAKI_ASSIGN_OR_RETURN(std::optional<Int8Network> known,
                          committed_.FindNetworkMadeFrom(quantise_key));
  if (known.has_value()) return known;
  for (const auto& [key, network] : pending_.networks) {
    if (network.quantise_key == quantise_key) return network;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<RequestRecord>> PendingOverlay::FindRequest(
    absl::string_view request_id) const {
  if (request_id.empty()) return std::nullopt;
  std::optional<RequestRecord> known;
  const auto pending = pending_.requests.find(std::string(request_id));
  const auto ahead = requests_.find(request_id);
  if (pending != pending_.requests.end()) {
    known = pending->second;
  } else if (ahead != requests_.end()) {
    known = ahead->second;
  } else {
    NIWAKI_ASSIGN_OR_RETURN(known, committed_.FindRequest(request_id));
  }
  // As the commit will: what is older goes.
  const std::optional<absl::Time>& before = pending_.forget_requests_before;
  if (known.has_value() && before.has_value() && known->create_time < *before) return std::nullopt;
  return known;
}

absl::StatusOr<std::optional<Supernet>> PendingOverlay::FindSupernet(absl::string_view name) const {
  const auto it = pending_.supernets.find(std::string(name));
  if (it != pending_.supernets.end()) return it->second;
  return committed_.FindSupernet(name);
}

absl::Status PendingOverlay::Prefetch(absl::Span<const ScoreKey> scores,
                                      absl::Span<const std::string> request_ids) {
  std::vector<ScoreKey> keys;
  for (const ScoreKey& key : scores) {
    if (pending_.scores.count(key) == 0 && scores_.count(key) == 0) keys.push_back(key);
  }
  std::vector<std::string> ids;
  for (const std::string& id : request_ids) {
    if (!id.empty() && pending_.requests.count(id) == 0 && requests_.count(id) == 0) {
      ids.push_back(id);
    }
  }
  if (!keys.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto found, committed_.FindScores(keys));
    for (const ScoreKey& key : keys) scores_[key] = std::nullopt;
    for (const auto& [key, score] : found) scores_[key] = score;
  }
  if (!ids.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto found, committed_.FindRequests(ids));
    for (const std::string& id : ids) requests_[id] = std::nullopt;
    for (const auto& [id, record] : found) requests_[id] = record;
  }
  return absl::OkStatus();
}

void PendingOverlay::DeleteJob(int64_t uid) {
  pending_.jobs.erase(uid);
  auto& candidates = pending_.candidates;
  candidates.erase(candidates.lower_bound({uid, 0}), candidates.lower_bound({uid + 1, 0}));
  pending_.deleted_jobs.insert(uid);
}

Mutations PendingOverlay::Take() {
  scores_.clear();
  requests_.clear();
  return std::exchange(pending_, {});
}

}  // namespace niwaki::jobs
