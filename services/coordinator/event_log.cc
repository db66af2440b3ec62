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
