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

// A candidate of the front is to be proven.
struct ProofBegun {
  CandidateName candidate;
  int64_t round = 0;
};
struct ProofLeased {
  CandidateName candidate;
  int64_t epoch = 0;
  std::string worker;
};
// Its int8 network is there.
struct CandidateQuantised {
  CandidateName candidate;
  std::string digest;
  Score score;
  // It was known from another job.
  bool cached = false;
};
// What boards for the job's proofs are chosen by (Job::proof_board).
struct ProofBoardChosen {
  JobName job;
  std::string board;
};
struct MeasurementBegun {
  CandidateName candidate;
  std::string measurement;
};
// It gave no figures.
struct MeasurementFailed {
  CandidateName candidate;
  std::string measurement;
  std::string failure;
};
struct CandidateProven {
  CandidateName candidate;
  // "" where it was on none, for `reason` where one was sought.
  std::string board;
  std::string reason;
};
// It could not be proven; the verdict follows.
struct ProofFailed {
  CandidateName candidate;
  std::string reason;
};
// It has left the front.
struct CandidateRefused {
  CandidateName candidate;
  std::string reason;
};
// More slots are searched in place of members that left the front.
struct JobExtended {
  JobName job;
  int64_t slots = 0;
};
// A worker reported another int8 network than the stored one, which stands.
struct NetworkConflict {
  CandidateName candidate;
  std::string lease_id;
  std::string quantise_key;
  std::string stored;
  std::string reported;
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

using JobEvent =
    std::variant<JobCreated, JobStateChanged, JobReasonChanged, JobDeleted, CandidateProposed,
                 CandidateInfeasible, CandidateLeased, CandidateScored, CandidateFailed,
                 LeaseExpired, ScoringFailed, ScoreConflict, ProofBegun, ProofLeased,
                 CandidateQuantised, ProofBoardChosen, MeasurementBegun, MeasurementFailed,
                 CandidateProven, ProofFailed, CandidateRefused, JobExtended, NetworkConflict,
                 WorkerDrainChanged, SupernetRegistered, EngineLoaded>;

// In the order in which they happened.
using JobEvents = std::vector<JobEvent>;

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_JOB_EVENTS_H_
