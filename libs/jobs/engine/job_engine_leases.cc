// The part of JobEngine that workers see: leases, heartbeats, reports.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/job_engine.h"

namespace niwaki::jobs {
namespace {

bool Struck(const Candidate& candidate, absl::string_view worker) {
  return std::find(candidate.strikes.begin(), candidate.strikes.end(), worker) !=
         candidate.strikes.end();
}

ReportVerdict Rejected(absl::string_view why) { return {Verdict::kRejected, std::string(why)}; }

}  // namespace

bool JobEngine::has_work(absl::string_view precision, const WorkerAbilities& abilities) const {
  const bool proves = abilities.ProvesWith(options_.quantiser_version);
  for (const auto& [uid, live] : live_) {
    if (live.job.state != JobState::kRunning || live.precision() != precision) continue;
    if (abilities.scores && !live.ready.empty()) return true;
    if (proves && live.job.counters.proof.pending > 0) return true;
  }
  return false;
}

Candidate* JobEngine::PickReady(LiveJob& live, absl::string_view worker, bool struck) {
  for (auto it = live.ready.begin(); it != live.ready.end();) {
    Candidate& candidate = live.open.at(*it);
    if (IsBeingScored(live, candidate)) {
      // Another job's worker has it; WakeSameKey brings it back.
      it = live.ready.erase(it);
    } else if (Struck(candidate, worker) != struck) {
      ++it;
    } else {
      return &candidate;
    }
  }
  return nullptr;
}

bool JobEngine::LeaseRound(LeaseCall& call, bool struck) {
  bool any = false;
  auto it = live_.upper_bound(turn_);
  for (size_t i = 0; i < live_.size() && static_cast<int64_t>(call.grants.size()) < call.max;
       ++i, ++it) {
    if (it == live_.end()) it = live_.begin();
    LiveJob& live = it->second;
    if (live.job.state != JobState::kRunning || live.precision() != call.precision) continue;
    if (!call.abilities.knows_split && live.job.spec.evaluation.split != Split::kValidation)
      continue;
    if (call.scoring.has_value() && live.scoring != *call.scoring) continue;
    Candidate* candidate = PickReady(live, call.worker, struck);
    if (candidate == nullptr) continue;
    if (!call.scoring.has_value()) turn_ = it->first;
    call.scoring = live.scoring;
    if (call.abilities.ProvesWith(options_.quantiser_version)) live.job.prover_seen = true;
    MakeLeased(live, *candidate, call.worker, call.now);
    call.grants.push_back(GrantOf(live, *candidate));
    any = true;
  }
  return any;
}

absl::StatusOr<std::vector<LeaseGrant>> JobEngine::Lease(absl::string_view worker,
                                                         absl::string_view precision, int64_t max,
                                                         absl::Time now,
                                                         const WorkerAbilities& abilities) {
  if (IsDraining(worker)) {
    NoteCall(worker, precision, now, WorkerCall::kToldToLeave);
    return std::vector<LeaseGrant>();
  }
  NoteAsked(precision, abilities, now);
  LeaseCall call;
  call.worker = worker;
  call.precision = precision;
  call.max = max;
  call.now = now;
  call.abilities = abilities;
  if (!LeaseProof(call) && abilities.scores) {
    // What this worker failed on before comes last: another one may do better.
    for (const bool struck : {false, true}) {
      while (LeaseRound(call, struck)) {
      }
    }
  }
  NoteCall(worker, precision, now, WorkerCall::kAsks);
  workers_.NoteAbilities(worker, abilities);
  return std::move(call.grants);
}

LeaseGrant JobEngine::GrantOf(const LiveJob& live, const Candidate& candidate) const {
  const bool proves = candidate.state == CandidateState::kScored;
  return {{{live.job.uid, candidate.slot}, candidate.epoch},
          live.job.id,
          candidate.subnet_json,
          live.job.supernet_digest,
          live.job.spec.evaluation,
          proves ? LeaseTask::kProve : LeaseTask::kScore,
          proves ? options_.quantiser_version : 0};
}

std::vector<LeaseGrant> JobEngine::LiveLeases(absl::string_view worker,
                                              const std::vector<std::string>& lease_ids,
                                              absl::Time now) {
  std::vector<LeaseGrant> grants;
  for (const std::string& text : lease_ids) {
    const absl::StatusOr<LeaseId> id = LeaseId::Parse(text);
    if (!id.ok()) continue;
    const lease::Lease<CandidateRef>* lease = leases_.Find(*id, worker);
    if (lease == nullptr) continue;
    leases_.Renew(*id, worker, lease->running, now);
    const LiveJob& live = live_.at(id->ref.job_uid);
    grants.push_back(GrantOf(
        live, IsProofLease(id->ref) ? live.proofs.at(id->ref.slot) : live.open.at(id->ref.slot)));
  }
  return grants;
}

std::vector<std::string> JobEngine::Extend(absl::string_view worker,
                                           const std::vector<LeaseClaim>& claims, absl::Time now) {
  std::vector<std::string> revoked;
  for (const LeaseClaim& claim : claims) {
    const absl::StatusOr<LeaseId> id = LeaseId::Parse(claim.lease_id);
    if (!id.ok() || id->epoch != claim.epoch || !leases_.Renew(*id, worker, claim.running, now)) {
      revoked.push_back(claim.lease_id);
    }
  }
  NoteCall(worker, "", now, IsDraining(worker) ? WorkerCall::kToldToLeave : WorkerCall::kOther);
  return revoked;
}

absl::Status JobEngine::ExpireLeases(absl::Time now) {
  const std::vector<lease::EndedLease<CandidateRef>> ended = leases_.TakeEnded(now);
  PrefetchScoresOf(ended);
  for (const auto& each : ended) NIWAKI_RETURN_IF_ERROR(TakeBack(each, now));
  workers_.Settle(LoadOf(), now);
  return absl::OkStatus();
}

void JobEngine::PrefetchScoresOf(const std::vector<lease::EndedLease<CandidateRef>>& ended) {
  ExpectedReads reads;
  for (const auto& each : ended) reads.lease_ids.push_back(each.lease.id.ToString());
  if (!ended.empty()) Prefetch({&reads});
}

absl::Status JobEngine::TakeBack(const lease::EndedLease<CandidateRef>& ended, absl::Time now) {
  const lease::Lease<CandidateRef>& lease = ended.lease;
  const bool hung = ended.end == lease::LeaseEnd::kOverdue;
  LiveJob& live = live_.at(lease.id.ref.job_uid);
  const bool proof = IsProofLease(lease.id.ref);
  Candidate& candidate = (proof ? live.proofs : live.open).at(lease.id.ref.slot);
  Happened(LeaseExpired{NameOf(live, candidate.slot), lease.id.ToString(), lease.holder,
                        lease.running, hung});
  if (!lease.running) {
    return proof ? ReturnProof(live, candidate) : ReturnCandidate(live, candidate, now);
  }
  workers_.CountLost(lease.holder);
  const std::string why = hung ? absl::StrCat("the worker was still scoring it after ",
                                              absl::FormatDuration(options_.max_lease))
                               : "the worker vanished while scoring it";
  const absl::Status failure = absl::UnknownError(why);
  return proof ? StrikeProof(live, candidate, lease.holder, failure, now)
               : Strike(live, candidate, lease.holder, failure, now);
}

absl::Status JobEngine::ReturnCandidate(LiveJob& live, Candidate& candidate, absl::Time now) {
  // A late report may have brought the score while the candidate was with this worker.
  const absl::StatusOr<std::optional<Score>> known = rows_.FindScore(KeyOf(live, candidate));
  MakePending(live, candidate);
  NIWAKI_RETURN_IF_ERROR(known.status());
  if (known->has_value()) {
    MakeScored(live, candidate, **known, /*cached=*/false);
    EndIfComplete(live, now);
  }
  return absl::OkStatus();
}

absl::Status JobEngine::Strike(LiveJob& live, Candidate& candidate, absl::string_view worker,
                               const absl::Status& failure, absl::Time now) {
  candidate.strikes.push_back(std::string(worker));
  const std::string given_up = GivenUpFor(live, candidate.strikes, failure, now);
  if (given_up.empty()) return ReturnCandidate(live, candidate, now);
  MakeFailed(live, candidate, given_up);
  EndIfComplete(live, now);
  return absl::OkStatus();
}

std::string JobEngine::GivenUpFor(const LiveJob& live, const std::vector<std::string>& strikes,
                                  const absl::Status& failure, absl::Time now) const {
  const std::set<std::string> workers(strikes.begin(), strikes.end());
  const bool enough = static_cast<int>(workers.size()) >= options_.max_strikes ||
                      static_cast<int>(strikes.size()) >= options_.max_failures;
  if (IsOfRequest(failure.code())) {
    // One other worker shows whether it was the machine's fault after all.
    const bool doubtful =
        workers.size() == 1 && !enough && workers_.HasOther(workers, live.precision(), now);
    return doubtful ? "" : std::string(failure.message());
  }
  return enough ? PoisonousReason(strikes, failure.message()) : "";
}

absl::StatusOr<std::vector<ReportVerdict>> JobEngine::ReportScores(
    absl::string_view worker, const std::vector<Report>& reports, absl::Time now) {
  std::vector<ReportVerdict> verdicts;
  for (const Report& report : reports) {
    NIWAKI_ASSIGN_OR_RETURN(ReportVerdict verdict, ReportOne(worker, report, now));
    verdicts.push_back(std::move(verdict));
  }
  leases_.NoteProgress(worker, now);
  NoteCall(worker, "", now);
  return verdicts;
}

absl::StatusOr<std::optional<JobEngine::Reported>> JobEngine::FindReported(
    absl::string_view worker, const LeaseId& id) const {
  Reported reported;
  const auto it = live_.find(id.ref.job_uid);
  if (it != live_.end()) {
    reported.job = it->second.job;
    reported.live = true;
  } else {
    NIWAKI_ASSIGN_OR_RETURN(std::optional<Job> job, rows_.FindJobByUid(id.ref.job_uid));
    if (!job.has_value()) return std::nullopt;
    reported.job = *std::move(job);
  }
  std::optional<Candidate> candidate;
  if (reported.live && it->second.open.count(id.ref.slot) > 0) {
    candidate = it->second.open.at(id.ref.slot);
  } else {
    NIWAKI_ASSIGN_OR_RETURN(candidate, rows_.FindCandidate(id.ref));
  }
  if (!candidate.has_value() || id.epoch > candidate->epoch) return std::nullopt;
  reported.candidate = *std::move(candidate);
  reported.current = leases_.Find(id, worker) != nullptr;
  return reported;
}

absl::StatusOr<ReportVerdict> JobEngine::ReportOne(absl::string_view worker, const Report& report,
                                                   absl::Time now) {
  const absl::StatusOr<LeaseId> id = LeaseId::Parse(report.lease_id);
  if (!id.ok() || id->epoch != report.epoch) return Rejected(reason::kLeaseUnknown);
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Reported> reported, FindReported(worker, *id));
  if (!reported.has_value()) return Rejected(reason::kLeaseUnknown);
  if (!report.rejection.empty()) return Rejected(report.rejection);
  if (report.network.has_value()) {
    return ReportNetwork(worker, *id, *reported, *report.network, now);
  }
  const bool proof = reported->current && IsProofLease(id->ref);
  // An answer to another question.
  if (report.score.has_value() && proof) return Rejected(reason::kArgumentInvalid);
  if (report.score.has_value()) {
    const absl::Status valid = ValidateScore(*report.score);
    if (!valid.ok()) return Rejected(GetErrorDetail(valid)->reason);
    NIWAKI_ASSIGN_OR_RETURN(ReportVerdict verdict, ReportScore(*id, *reported, *report.score, now));
    const bool used =
        verdict.verdict == Verdict::kAccepted || verdict.verdict == Verdict::kLateRecorded;
    if (used) workers_.CountScored(worker);
    return verdict;
  }
  if (!reported->current) return Rejected(reason::kLeaseFenced);
  LiveJob& live = live_.at(id->ref.job_uid);
  Candidate& candidate = (proof ? live.proofs : live.open).at(id->ref.slot);
  Happened(ScoringFailed{NameOf(live, candidate.slot), report.lease_id, std::string(worker),
                         report.failure});
  workers_.CountFailed(worker);
  const absl::Status failure(report.failure_code, report.failure);
  NIWAKI_RETURN_IF_ERROR(proof ? StrikeProof(live, candidate, worker, failure, now)
                               : Strike(live, candidate, worker, failure, now));
  return ReportVerdict{Verdict::kAccepted, ""};
}

absl::StatusOr<ReportVerdict> JobEngine::ReportScore(const LeaseId& id, const Reported& reported,
                                                     const Score& score, absl::Time now) {
  const ScoreKey key = {reported.job.scoring(), reported.candidate.subnet_id};
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Score> known, rows_.FindScore(key));
  const bool same = known.has_value() &&
                    SameScore(*known, score, ToleranceOf(reported.job.spec.evaluation.precision));
  if (!known.has_value()) rows_.pending().scores.emplace(key, score);
  if (reported.current) {
    LiveJob& live = live_.at(id.ref.job_uid);
    MakeScored(live, live.open.at(id.ref.slot), known.value_or(score), /*cached=*/false);
    EndIfComplete(live, now);
  }
  ApplyScore(key, known.value_or(score), id.ref, now);
  if (known.has_value() && !same) return Conflict(id, reported, *known, score);
  if (reported.current) return ReportVerdict{Verdict::kAccepted, ""};
  return ReportVerdict{known.has_value() ? Verdict::kDuplicate : Verdict::kLateRecorded, ""};
}

ReportVerdict JobEngine::Conflict(const LeaseId& id, const Reported& reported, const Score& known,
                                  const Score& score) {
  Happened(ScoreConflict{{NameOf(reported.job), id.ref.slot},
                         id.ToString(),
                         reported.candidate.subnet_id,
                         known,
                         score});
  if (LiveJob* live = FindLive(id.ref.job_uid)) {
    ++live->job.counters.conflicts;
    Touch(*live);
  }
  return {Verdict::kConflict, ""};
}

}  // namespace niwaki::jobs
