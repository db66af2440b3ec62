#include "services/coordinator/event_log.h"

#include <variant>

#include "libs/base/log.h"
#include "libs/jobs/job.h"
#include "libs/jobs/job_events.h"

namespace niwaki::coordinator {
namespace {

void LogEvent(const jobs::JobCreated& event) {
  Log(Severity::kInfo, "job_created", {{"job", event.job.id}});
}

void LogEvent(const jobs::JobStateChanged& event) {
  Log(event.to == jobs::JobState::kFailed ? Severity::kError : Severity::kInfo, "job_state",
      {{"job", event.job.id}, {"state", JobStateName(event.to)}, {"reason", event.reason}});
}

void LogEvent(const jobs::JobReasonChanged& event) {
  if (event.reason.empty()) {
    Log(Severity::kInfo, "job_goes_on", {{"job", event.job.id}});
  } else {
    Log(Severity::kWarning, "job_stands_still", {{"job", event.job.id}, {"reason", event.reason}});
  }
}

void LogEvent(const jobs::JobDeleted& event) {
  Log(Severity::kInfo, "job_deleted", {{"job", event.job.id}});
}

void LogEvent(const jobs::CandidateFailed& event) {
  Log(Severity::kWarning, "candidate_failed",
      {{"job", event.candidate.job.id}, {"slot", event.candidate.slot}, {"reason", event.reason}});
}

void LogEvent(const jobs::LeaseExpired& event) {
  Log(Severity::kWarning, event.overdue ? "lease_overdue" : "lease_expired",
      {{"lease", event.lease_id},
       {"job", event.candidate.job.id},
       {"worker", event.worker},
       {"running", event.running ? "true" : "false"}});
}

void LogEvent(const jobs::ScoringFailed& event) {
  Log(Severity::kWarning, "scoring_failed",
      {{"lease", event.lease_id}, {"worker", event.worker}, {"failure", event.failure}});
}

void LogEvent(const jobs::ScoreConflict& event) {
  Log(Severity::kError, "score_conflict",
      {{"lease", event.lease_id},
       {"job", event.candidate.job.id},
       {"subnet", event.subnet.ToHex()},
       {"stored_top1", event.stored.top1},
       {"stored_loss", event.stored.loss},
       {"reported_top1", event.reported.top1},
       {"reported_loss", event.reported.loss}});
}

void LogEvent(const jobs::ProofBegun& event) {
  Log(Severity::kInfo, "proof_begun",
      {{"job", event.candidate.job.id}, {"slot", event.candidate.slot}, {"round", event.round}});
}

void LogEvent(const jobs::CandidateQuantised& event) {
  Log(Severity::kInfo, "candidate_quantised",
      {{"job", event.candidate.job.id},
       {"slot", event.candidate.slot},
       {"digest", event.digest},
       {"int8_top1", event.score.top1},
       {"cached", event.cached ? "true" : "false"}});
}

void LogEvent(const jobs::ProofBoardChosen& event) {
  Log(Severity::kInfo, "proof_board", {{"job", event.job.id}, {"board", event.board}});
}

void LogEvent(const jobs::MeasurementBegun& event) {
  Log(Severity::kInfo, "measurement_begun",
      {{"job", event.candidate.job.id},
       {"slot", event.candidate.slot},
       {"measurement", event.measurement}});
}

void LogEvent(const jobs::MeasurementFailed& event) {
  Log(Severity::kWarning, "measurement_failed",
      {{"job", event.candidate.job.id},
       {"slot", event.candidate.slot},
       {"measurement", event.measurement},
       {"failure", event.failure}});
}

void LogEvent(const jobs::CandidateProven& event) {
  Log(Severity::kInfo, "candidate_proven",
      {{"job", event.candidate.job.id},
       {"slot", event.candidate.slot},
       {"board", event.board},
       {"reason", event.reason}});
}

void LogEvent(const jobs::ProofFailed& event) {
  Log(Severity::kWarning, "proof_failed",
      {{"job", event.candidate.job.id}, {"slot", event.candidate.slot}, {"reason", event.reason}});
}

void LogEvent(const jobs::CandidateRefused& event) {
  Log(Severity::kWarning, "candidate_refused",
      {{"job", event.candidate.job.id}, {"slot", event.candidate.slot}, {"reason", event.reason}});
}

void LogEvent(const jobs::JobExtended& event) {
  Log(Severity::kInfo, "job_extended", {{"job", event.job.id}, {"slots", event.slots}});
}

void LogEvent(const jobs::NetworkConflict& event) {
  Log(Severity::kError, "network_conflict",
      {{"lease", event.lease_id},
       {"job", event.candidate.job.id},
       {"quantise_key", event.quantise_key},
       {"stored", event.stored},
       {"reported", event.reported}});
}

void LogEvent(const jobs::WorkerDrainChanged& event) {
  Log(Severity::kInfo, event.draining ? "worker_drain" : "worker_drain_undone",
      {{"worker", event.worker}, {"held", event.held}});
}

void LogEvent(const jobs::SupernetRegistered& event) {
  Log(Severity::kInfo, "supernet_registered", {{"supernet", event.name}, {"digest", event.digest}});
}

void LogEvent(const jobs::EngineLoaded& event) {
  Log(event.again ? Severity::kWarning : Severity::kInfo,
      event.again ? "engine_reloaded" : "engine_loaded", {{"jobs", event.live_jobs}});
}

// What happens to every candidate.
void LogEvent(const jobs::CandidateProposed&) {}
void LogEvent(const jobs::CandidateInfeasible&) {}
void LogEvent(const jobs::CandidateLeased&) {}
void LogEvent(const jobs::CandidateScored&) {}
void LogEvent(const jobs::ProofLeased&) {}

}  // namespace

void EventLog::OnCommitted(const jobs::CommittedChanges& changes) {
  for (const jobs::JobEvent& event : changes.events) {
    std::visit([](const auto& one) { LogEvent(one); }, event);
  }
}

void EventLog::OnCommitFailed(const absl::Status& status) {
  Log(Severity::kError, "commit_failed", {{"status", status.ToString()}});
}

}  // namespace niwaki::coordinator
