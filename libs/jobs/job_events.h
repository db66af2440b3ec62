// Job events: what happened, one value for each change, told after it was committed.
//
// The engine collects events with the rows that it changes; EngineLoop publishes both, as one
// CommittedChanges, once the rows are durable, and never when the commit failed. Logs, watchers,
// metrics and audits read this one stream (event_stream.h) and nothing else.

#ifndef NIWAKI_LIBS_JOBS_JOB_EVENTS_H_
#define NIWAKI_LIBS_JOBS_JOB_EVENTS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "libs/arch/subnet.h"
#include "libs/jobs/job.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// Which job, in every event about one.
struct JobName {
  int64_t uid = 0;
  std::string id;
};

// Which candidate of it.
struct CandidateName {
  JobName job;
  int64_t slot = 0;
};

struct JobCreated {
  JobName job;
};
struct JobStateChanged {
  JobName job;
  JobState from = JobState::kQueued;
  JobState to = JobState::kQueued;
  std::string reason;
};
// A live job says why it stands still; "" when it goes on.
struct JobReasonChanged {
  JobName job;
  std::string reason;
};
struct JobDeleted {
  JobName job;
};

struct CandidateProposed {
  CandidateName candidate;
  arch::SubnetId subnet;
};
// The slot has no network within the limits.
struct CandidateInfeasible {
  CandidateName candidate;
  std::string reason;
};
struct CandidateLeased {
  CandidateName candidate;
  int64_t epoch = 0;
  std::string worker;
};
struct CandidateScored {
  CandidateName candidate;
  Score score;
  // The score came from the score table.
  bool cached = false;
};
struct CandidateFailed {
  CandidateName candidate;
  std::string reason;
};

struct LeaseExpired {
  CandidateName candidate;
  std::string lease_id;
  std::string worker;
  // The worker was scoring it.
  bool running = false;
  // It still said so, and was at it for too long (EngineOptions::max_lease); else it was silent.
  bool overdue = false;
};
// A worker says that it could not score a candidate.
struct ScoringFailed {
  CandidateName candidate;
  std::string lease_id;
  std::string worker;
  std::string failure;
};
// A worker reported another value than the stored one, which stands.
struct ScoreConflict {
  CandidateName candidate;
  std::string lease_id;
  arch::SubnetId subnet;
  Score stored;
  Score reported;
};

// A worker is to finish what it holds and end, or is not any more.
struct WorkerDrainChanged {
  std::string worker;
  bool draining = false;
  int64_t held = 0;
};

struct SupernetRegistered {
  std::string name;
  std::string digest;
};

// The engine was loaded from the store: at the start, or after a commit failed, whose changes may
// be there or not. The rows beside it are those of all jobs that are live, and of those that were
// live before.
struct EngineLoaded {
  int64_t live_jobs = 0;
  // False at the start.
  bool again = false;
};

using JobEvent = std::variant<JobCreated, JobStateChanged, JobReasonChanged, JobDeleted,
                              CandidateProposed, CandidateInfeasible, CandidateLeased,
                              CandidateScored, CandidateFailed, LeaseExpired, ScoringFailed,
                              ScoreConflict, WorkerDrainChanged, SupernetRegistered, EngineLoaded>;

// In the order in which they happened.
using JobEvents = std::vector<JobEvent>;

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_JOB_EVENTS_H_
