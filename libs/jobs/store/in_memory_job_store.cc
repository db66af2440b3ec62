#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

// A stored job has no remaining time.
Job Stored(const Job& job) {
  Job stored = job;
  stored.remaining.reset();
  return stored;
}

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
  const auto it = map.find(key);
  if (it == map.end()) return std::nullopt;
  return it->second;
}

}  // namespace

absl::StatusOr<std::optional<Job>> InMemoryJobStore::FindJob(absl::string_view job_id) const {
  absl::MutexLock lock(&mutex_);
  for (const auto& [uid, job] : jobs_) {
    if (job.id == job_id) return job;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<Job>> InMemoryJobStore::FindJobByUid(int64_t uid) const {
  absl::MutexLock lock(&mutex_);
  return Find(jobs_, uid);
}

absl::StatusOr<std::optional<Candidate>> InMemoryJobStore::FindCandidate(
    const CandidateRef& ref) const {
  absl::MutexLock lock(&mutex_);
  return Find(candidates_, ref);
}

absl::StatusOr<std::optional<Score>> InMemoryJobStore::FindScore(const ScoreKey& key) const {
  absl::MutexLock lock(&mutex_);
  return Find(scores_, key);
}

absl::StatusOr<std::optional<RequestRecord>> InMemoryJobStore::FindRequest(
    absl::string_view request_id) const {
  absl::MutexLock lock(&mutex_);
  return Find(requests_, std::string(request_id));
}

absl::StatusOr<std::optional<Supernet>> InMemoryJobStore::FindSupernet(
    absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  return Find(supernets_, std::string(name));
}

absl::StatusOr<std::optional<Int8Network>> InMemoryJobStore::FindNetwork(
    const NetworkKey& key) const {
  absl::MutexLock lock(&mutex_);
  return Find(networks_, key);
}

absl::StatusOr<std::optional<Int8Network>> InMemoryJobStore::FindNetworkMadeFrom(
    absl::string_view quantise_key) const {
  absl::MutexLock lock(&mutex_);
  return Find(made_from_, std::string(quantise_key));
}

absl::StatusOr<std::vector<Candidate>> InMemoryJobStore::ListProofs(int64_t job_uid) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Candidate> proofs;
  for (auto it = candidates_.lower_bound({job_uid, 0});
       it != candidates_.end() && it->first.job_uid == job_uid; ++it) {
    if (it->second.proof.has_value()) proofs.push_back(it->second);
  }
  return proofs;
}

absl::StatusOr<std::vector<Job>> InMemoryJobStore::ListJobs(int64_t before_uid,
                                                            int64_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Job> jobs;
  auto it = before_uid == 0 ? jobs_.end() : jobs_.lower_bound(before_uid);
  while (it != jobs_.begin() && static_cast<int64_t>(jobs.size()) < limit) {
    jobs.push_back((--it)->second);
  }
  return jobs;
}

absl::StatusOr<std::vector<Candidate>> InMemoryJobStore::ListCandidates(
    int64_t job_uid, int64_t from_slot, std::optional<CandidateState> state, int64_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Candidate> candidates;
  for (auto it = candidates_.lower_bound({job_uid, from_slot});
       it != candidates_.end() && it->first.job_uid == job_uid; ++it) {
    if (static_cast<int64_t>(candidates.size()) == limit) break;
    if (!state.has_value() || it->second.state == *state) candidates.push_back(it->second);
  }
  return candidates;
}

absl::StatusOr<std::vector<Supernet>> InMemoryJobStore::ListSupernets(absl::string_view after_name,
                                                                      int64_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Supernet> supernets;
  for (auto it = supernets_.upper_bound(std::string(after_name)); it != supernets_.end(); ++it) {
    if (static_cast<int64_t>(supernets.size()) == limit) break;
    supernets.push_back(it->second);
  }
  return supernets;
}

absl::StatusOr<LiveState> InMemoryJobStore::Load() const {
  absl::MutexLock lock(&mutex_);
  LiveState state;
  state.next_job_uid = next_job_uid_;
  for (const auto& [uid, job] : jobs_) {
    if (!IsFinal(job.state)) state.jobs.push_back(job);
  }
  for (const auto& [ref, candidate] : candidates_) {
    if (!IsOutcome(candidate.state) && !IsFinal(jobs_.at(ref.job_uid).state)) {
      state.open_candidates.emplace_back(ref, candidate);
    }
  }
  for (const auto& [name, drained] : drained_workers_) state.drained_workers.push_back(drained);
  return state;
}

absl::StatusOr<absl::flat_hash_map<ScoreKey, Score>> InMemoryJobStore::FindScores(
    absl::Span<const ScoreKey> keys) const {
  absl::MutexLock lock(&mutex_);
  absl::flat_hash_map<ScoreKey, Score> found;
  for (const ScoreKey& key : keys) {
    const auto it = scores_.find(key);
    if (it != scores_.end()) found.insert(*it);
  }
  return found;
}

absl::StatusOr<absl::flat_hash_map<std::string, RequestRecord>> InMemoryJobStore::FindRequests(
    absl::Span<const std::string> request_ids) const {
  absl::MutexLock lock(&mutex_);
  absl::flat_hash_map<std::string, RequestRecord> found;
  for (const std::string& id : request_ids) {
    const auto it = requests_.find(id);
    if (it != requests_.end()) found.insert(*it);
  }
  return found;
}

absl::StatusOr<LeaderEpoch> InMemoryJobStore::BeginEpoch() {
  absl::MutexLock lock(&mutex_);
  return ++epoch_;
}

absl::Status InMemoryJobStore::Probe(LeaderEpoch epoch) {
  absl::MutexLock lock(&mutex_);
  return epoch == epoch_ ? absl::OkStatus() : LeaderFenced(epoch, epoch_);
}

absl::Status InMemoryJobStore::Commit(const Mutations& mutations, LeaderEpoch epoch) {
  absl::MutexLock lock(&mutex_);
  const bool fails = fail_in_ > 0 && --fail_in_ == 0;
  if (fails && failure_time_ == CommitFailure::kBefore) return failure_;
  if (epoch != epoch_) return LeaderFenced(epoch, epoch_);
  Write(mutations);
  return fails ? failure_ : absl::OkStatus();
}

void InMemoryJobStore::Write(const Mutations& mutations) {
  if (mutations.next_job_uid) next_job_uid_ = *mutations.next_job_uid;
  for (const int64_t uid : mutations.deleted_jobs) {
    jobs_.erase(uid);
    candidates_.erase(candidates_.lower_bound({uid, 0}), candidates_.lower_bound({uid + 1, 0}));
  }
  for (const auto& [uid, job] : mutations.jobs) jobs_.insert_or_assign(uid, Stored(job));
  for (const auto& [ref, candidate] : mutations.candidates) {
    candidates_.insert_or_assign(ref, candidate);
  }
  for (const auto& [key, score] : mutations.scores) scores_.emplace(key, score);
  for (const auto& [key, network] : mutations.networks) {
    if (networks_.emplace(key, network).second) made_from_.emplace(network.quantise_key, network);
  }
  for (const auto& [name, supernet] : mutations.supernets) {
    supernets_.insert_or_assign(name, supernet);
  }
  for (const auto& [name, drained] : mutations.drained_workers) {
    drained_workers_.erase(name);
    if (drained.has_value()) drained_workers_.emplace(name, *drained);
  }
  for (const auto& [id, request] : mutations.requests) requests_.insert_or_assign(id, request);
  if (mutations.forget_requests_before) {
    for (auto it = requests_.begin(); it != requests_.end();) {
      it = it->second.create_time < *mutations.forget_requests_before ? requests_.erase(it)
                                                                      : std::next(it);
    }
  }
}

void InMemoryJobStore::FailCommit(int64_t n, absl::Status status, CommitFailure time) {
  absl::MutexLock lock(&mutex_);
  failure_time_ = time;
  fail_in_ = n;
  failure_ = std::move(status);
}

}  // namespace niwaki::jobs
