// The part of JobEngine that knows workers: who calls, who is to leave.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/absence_note.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/jobs/job_events.h"

namespace niwaki::jobs {

void JobEngine::LoadDrains(const std::vector<DrainedWorker>& drained) {
  for (const DrainedWorker& worker : drained) {
    workers_.Restore(worker);
    leases_.SetDraining(worker.name, true);
  }
}

WorkerRegistry::LoadOf JobEngine::LoadOf() const {
  return [this](absl::string_view worker) { return leases_.LoadOf(worker); };
}

void JobEngine::NoteCall(absl::string_view worker, absl::string_view precision, absl::Time now,
                         WorkerCall call) {
  workers_.Saw(worker, precision, leases_.LoadOf(worker), now, call);
}

absl::Status JobEngine::Meet(absl::string_view worker, absl::string_view instance, absl::Time now) {
  switch (workers_.Meet(worker, instance, now)) {
    case WorkerRegistry::Meeting::kHolder:
      break;
    case WorkerRegistry::Meeting::kSuccessor: {
      const auto ended = leases_.TakeAllOf(worker);
      PrefetchScoresOf(ended);
      for (const auto& each : ended) NIWAKI_RETURN_IF_ERROR(TakeBack(each, now));
      break;
    }
    case WorkerRegistry::Meeting::kFormer:
      return Error(absl::StatusCode::kFailedPrecondition, reason::kWorkerSuperseded)
          .Field("worker")
          .Value(worker)
          .Limit("one process for each name")
          .Message(absl::StrCat("another worker has taken the name '", worker,
                                "' since; give each worker a name of its own with --name"));
  }
  return absl::OkStatus();
}

absl::Status JobEngine::Leave(absl::string_view worker, absl::string_view trouble, absl::Time now) {
  const auto ended = leases_.TakeAllOf(worker);
  PrefetchScoresOf(ended);
  for (const auto& each : ended) {
    const CandidateRef& ref = each.lease.id.ref;
    LiveJob& live = live_.at(ref.job_uid);
    NIWAKI_RETURN_IF_ERROR(IsProofLease(ref) ? ReturnProof(live, live.proofs.at(ref.slot))
                                             : ReturnCandidate(live, live.open.at(ref.slot), now));
  }
  workers_.Left(worker, trouble, now);
  NoteChangeOfWorkers(worker, now);
  return absl::OkStatus();
}

void JobEngine::NoteChangeOfWorkers(absl::string_view worker, absl::Time now) {
  const auto it = workers_.all().find(worker);
  if (it == workers_.all().end()) return;
  const std::string& precision = it->second.precision;
  attendance_.Left(precision, workers_.LastCall(precision));
  const int64_t version = options_.quantiser_version;
  attendance_.Left(ProverKey(precision, version), workers_.LastCallOfProver(precision, version));
  NoteAbsentWorkers(now);
}

void JobEngine::NoteAsked(absl::string_view precision, const WorkerAbilities& abilities,
                          absl::Time now) {
  std::vector<std::string> keys;
  if (abilities.scores) keys.emplace_back(precision);
  if (abilities.ProvesWith(options_.quantiser_version)) {
    keys.push_back(ProverKey(precision, options_.quantiser_version));
  }
  bool news = false;
  for (const std::string& key : keys) {
    news |= !attendance_.IsPresent(key, now);
    attendance_.Asked(key, now);
  }
  if (news) NoteAbsentWorkers(now);
}

std::string JobEngine::ProverAbsenceOf(const LiveJob& live, absl::Time now) const {
  const ProofCounters& proofs = live.job.counters.proof;
  const std::string key = ProverKey(live.precision(), options_.quantiser_version);
  if (proofs.pending == 0 || live.job.state != JobState::kRunning ||
      attendance_.IsPresent(key, now)) {
    return "";
  }
  // One that holds leases may be busy for long and need not ask.
  for (const auto& [uid, other] : live_) {
    if (other.precision() == live.precision() && other.job.counters.proof.leased > 0) return "";
  }
  const absl::Time last = workers_.LastCallOfProver(live.precision(), options_.quantiser_version);
  if (now - last < WorkerRegistry::kPatience) return "";
  return ProverAbsenceNote(live.precision(), options_.quantiser_version);
}

std::string JobEngine::AbsenceOf(absl::string_view precision, absl::Time now) const {
  if (attendance_.IsPresent(precision, now)) return "";
  return AbsenceNote(workers_, precision, now);
}

void JobEngine::NoteAbsentWorkers(absl::Time now) {
  // Workers that hold leases may be busy for long and need not ask.
  std::set<absl::string_view> busy;
  std::map<absl::string_view, std::string> absences;
  for (const auto& [uid, live] : live_) {
    if (live.job.counters.leased > 0) busy.insert(live.precision());
    if (absences.count(live.precision()) == 0) {
      absences[live.precision()] = AbsenceOf(live.precision(), now);
    }
  }
  for (const auto& [uid, live] : live_) {
    const JobCounters& counters = live.job.counters;
    const bool noted = IsAbsenceNote(live.job.state_reason);
    if (!noted && !live.job.state_reason.empty()) continue;
    const bool waits = (live.job.state == JobState::kRunning && counters.pending > 0) ||
                       live.job.state == JobState::kQueued;
    std::string note;
    if (waits && busy.count(live.precision()) == 0) note = absences[live.precision()];
    if (note.empty()) note = ProverAbsenceOf(live, now);
    // Those who were there before may come back.
    const bool early = live.loaded && !attendance_.IsSettled(now);
    if (early && !note.empty()) continue;
    SetStateReason(uid, note);
  }
}

absl::StatusOr<WorkerInfo> JobEngine::DrainWorker(absl::string_view worker, bool drain,
                                                  absl::Time now) {
  if (!workers_.Knows(worker)) {
    return Error(absl::StatusCode::kNotFound, reason::kWorkerUnknown)
        .Field("name")
        .Value(worker)
        .Message(absl::StrCat("no worker '", worker, "' has called"));
  }
  const bool changed = workers_.SetDrain(worker, drain, now);
  WorkerInfo info = *workers_.Find(worker, LoadOf(), now);
  if (!changed) return info;
  leases_.SetDraining(worker, drain);
  NoteChangeOfWorkers(worker, now);
  std::optional<DrainedWorker>& row = rows_.pending().drained_workers[info.name];
  row.reset();
  if (drain) row = DrainedWorker{info.name, info.precision, now};
  Happened(WorkerDrainChanged{info.name, drain, info.load.held});
  return info;
}

std::vector<WorkerInfo> JobEngine::ListWorkers(absl::string_view after, size_t limit,
                                               absl::Time now) const {
  return workers_.List(after, limit, LoadOf(), now);
}

}  // namespace niwaki::jobs
