// The part of JobEngine that keeps candidates, counters and shared score keys in step.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/job_engine.h"

namespace niwaki::jobs {
namespace {

int64_t& CounterOf(JobCounters& counters, CandidateState state) {
  switch (state) {
    case CandidateState::kPending:
      return counters.pending;
    case CandidateState::kLeased:
      return counters.leased;
    case CandidateState::kScored:
      return counters.scored;
    case CandidateState::kInfeasible:
      return counters.infeasible;
    case CandidateState::kFailed:
      break;
  }
  return counters.failed;
}

}  // namespace

absl::Status JobEngine::AddCandidates(int64_t job_uid, const std::vector<Proposal>& proposals,
                                      absl::Time now) {
  LiveJob* live = FindLive(job_uid);
  if (live == nullptr) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning)
        .Field("job_uid")
        .Value(job_uid)
        .Message(absl::StrCat("job with uid ", job_uid, " has ended"));
  }
  for (const Proposal& proposal : proposals) {
    if (proposal.slot < live->job.counters.proposed) continue;
    NIWAKI_CHECK(proposal.slot == live->job.counters.proposed);
    NIWAKI_RETURN_IF_ERROR(AddCandidate(*live, proposal));
  }
  if (live->job.state == JobState::kQueued && live->job.counters.proposed > 0) {
    SetState(*live, JobState::kRunning, "", now);
    NoteAbsentWorkers(now);
  }
  EndIfComplete(*live, now);
  return absl::OkStatus();
}

absl::Status JobEngine::AddCandidate(LiveJob& live, const Proposal& proposal) {
  Candidate candidate;
  candidate.slot = proposal.slot;
  std::optional<Score> known;
  if (proposal.infeasible) {
    candidate.state = CandidateState::kInfeasible;
    candidate.state_reason = proposal.reason;
  } else {
    candidate.subnet_json = proposal.subnet_json;
    candidate.subnet_id = proposal.subnet_id;
    candidate.cost = proposal.cost;
    NIWAKI_ASSIGN_OR_RETURN(known, rows_.FindScore(KeyOf(live, candidate)));
  }
  JobCounters& counters = live.job.counters;
  ++counters.proposed;
  counters.rejected += proposal.rejected;
  ++CounterOf(counters, candidate.state);
  Touch(live);
  Put(live, candidate);
  const int64_t slot = candidate.slot;
  if (proposal.infeasible) {
    Happened(CandidateInfeasible{NameOf(live, slot), candidate.state_reason});
    return absl::OkStatus();
  }
  Happened(CandidateProposed{NameOf(live, slot), candidate.subnet_id});
  Candidate& open = live.open.emplace(slot, std::move(candidate)).first->second;
  LinkKey(live, open);
  live.ready.insert(slot);
  if (known.has_value()) MakeScored(live, open, *known, /*cached=*/true);
  return absl::OkStatus();
}

void JobEngine::SetCandidateState(LiveJob& live, Candidate& candidate, CandidateState state) {
  NIWAKI_CHECK(MayBecome(candidate.state, state));
  --CounterOf(live.job.counters, candidate.state);
  ++CounterOf(live.job.counters, state);
  candidate.state = state;
  Touch(live);
}

void JobEngine::Put(const LiveJob& live, const Candidate& candidate) {
  rows_.pending().candidates.insert_or_assign(CandidateRef{live.job.uid, candidate.slot},
                                              candidate);
}

void JobEngine::MakeLeased(LiveJob& live, Candidate& candidate, absl::string_view worker,
                           absl::Time now) {
  SetCandidateState(live, candidate, CandidateState::kLeased);
  live.ready.erase(candidate.slot);
  ++candidate.epoch;
  candidate.worker = std::string(worker);
  NIWAKI_CHECK(leases_.Acquire({{live.job.uid, candidate.slot}, candidate.epoch}, worker, now));
  Put(live, candidate);
  Happened(CandidateLeased{NameOf(live, candidate.slot), candidate.epoch, candidate.worker});
}

void JobEngine::MakePending(LiveJob& live, Candidate& candidate) {
  SetCandidateState(live, candidate, CandidateState::kPending);
  leases_.Release({live.job.uid, candidate.slot});
  live.ready.insert(candidate.slot);
  Put(live, candidate);
  WakeSameKey(KeyOf(live, candidate));
}

void JobEngine::MakeScored(LiveJob& live, Candidate& candidate, const Score& score, bool cached) {
  SetCandidateState(live, candidate, CandidateState::kScored);
  candidate.score = score;
  candidate.cached = cached;
  if (cached) ++live.job.counters.cached;
  live.front->Add(candidate);
  live.job.counters.front_size = live.front->size();
  Put(live, candidate);
  Happened(CandidateScored{NameOf(live, candidate.slot), score, cached});
  Close(live, candidate.slot);
}

void JobEngine::MakeFailed(LiveJob& live, Candidate& candidate, absl::string_view state_reason) {
  SetCandidateState(live, candidate, CandidateState::kFailed);
  candidate.state_reason = std::string(state_reason);
  live.failures.Add(candidate.state_reason);
  Put(live, candidate);
  const ScoreKey key = KeyOf(live, candidate);
  Happened(CandidateFailed{NameOf(live, candidate.slot), candidate.state_reason});
  Close(live, candidate.slot);
  WakeSameKey(key);
}

void JobEngine::Close(LiveJob& live, int64_t slot) {
  const auto it = live.open.find(slot);
  UnlinkKey(live, it->second);
  leases_.Release({live.job.uid, slot});
  live.ready.erase(slot);
  live.open.erase(it);
}

ScoreKey JobEngine::KeyOf(const LiveJob& live, const Candidate& candidate) const {
  return {live.scoring, candidate.subnet_id};
}

void JobEngine::LinkKey(LiveJob& live, const Candidate& candidate) {
  same_key_[KeyOf(live, candidate)].push_back({live.job.uid, candidate.slot});
}

void JobEngine::UnlinkKey(LiveJob& live, const Candidate& candidate) {
  const auto it = same_key_.find(KeyOf(live, candidate));
  NIWAKI_CHECK(it != same_key_.end());
  auto& refs = it->second;
  refs.erase(std::find(refs.begin(), refs.end(), CandidateRef{live.job.uid, candidate.slot}));
  if (refs.empty()) same_key_.erase(it);
}

bool JobEngine::IsBeingScored(const LiveJob& live, const Candidate& candidate) {
  for (const CandidateRef& ref : same_key_.at(KeyOf(live, candidate))) {
    if (live_.at(ref.job_uid).open.at(ref.slot).state == CandidateState::kLeased) return true;
  }
  return false;
}

void JobEngine::WakeSameKey(const ScoreKey& key) {
  const auto it = same_key_.find(key);
  if (it == same_key_.end()) return;
  for (const CandidateRef& ref : it->second) {
    LiveJob& live = live_.at(ref.job_uid);
    if (live.open.at(ref.slot).state == CandidateState::kPending) live.ready.insert(ref.slot);
  }
}

void JobEngine::ApplyScore(const ScoreKey& key, const Score& score, const CandidateRef& own,
                           absl::Time now) {
  const auto it = same_key_.find(key);
  if (it == same_key_.end()) return;
  const std::vector<CandidateRef> refs = it->second;
  for (const CandidateRef& ref : refs) {
    LiveJob& live = live_.at(ref.job_uid);
    Candidate& candidate = live.open.at(ref.slot);
    if (candidate.state != CandidateState::kPending) continue;
    MakeScored(live, candidate, score, /*cached=*/!(ref == own));
    EndIfComplete(live, now);
  }
}

}  // namespace niwaki::jobs
