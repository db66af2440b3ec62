// Job: one search, its state and how far it is.
//
//   QUEUED ──first proposal──► RUNNING ◄──resume── PAUSED
//      │                         │ ▲ └──pause──────► │
//      └──pause──► PAUSED        │                   │
//   RUNNING stays while the front is proven, and while slots are searched beside (proof.h).
//   from each of these three:  ──► SUCCEEDED (every slot has its outcome) | FAILED | CANCELLED

#ifndef NIWAKI_LIBS_JOBS_JOB_H_
#define NIWAKI_LIBS_JOBS_JOB_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/jobs/job_spec.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// The numbers are stored and are those of the wire.
enum class JobState {
  kQueued = 1,
  kRunning = 2,
  kPaused = 3,
  kSucceeded = 4,
  kFailed = 5,
  kCancelled = 6
};

// "QUEUED", ….
absl::string_view JobStateName(JobState state);

// Whether nothing more will happen to the job.
bool IsFinal(JobState state);

// Whether `to` may follow `from`; no state follows itself.
bool MayBecome(JobState from, JobState to);

// How many of the job's rows are in which state; equal to what counting the rows gives.
struct JobCounters {
  // Slots with a row.
  int64_t proposed = 0;
  int64_t pending = 0;
  int64_t leased = 0;
  int64_t scored = 0;
  int64_t infeasible = 0;
  int64_t failed = 0;
  // Proposals refused for their cost before the row was made.
  int64_t rejected = 0;
  // Rows whose score came from the score table.
  int64_t cached = 0;
  // Scored rows that no other dominates.
  int64_t front_size = 0;
  // Reports of another value than the stored score.
  int64_t conflicts = 0;
  ProofCounters proof;

  int64_t outcomes() const { return scored + infeasible + failed; }

  friend bool operator==(const JobCounters& a, const JobCounters& b) {
    return a.proposed == b.proposed && a.pending == b.pending && a.leased == b.leased &&
           a.scored == b.scored && a.infeasible == b.infeasible && a.failed == b.failed &&
           a.rejected == b.rejected && a.cached == b.cached && a.front_size == b.front_size &&
           a.conflicts == b.conflicts && a.proof == b.proof;
  }
};

inline constexpr char kNoBoard[] = "none";

struct Job {
  // Never given twice, not even after the job is deleted; newer jobs have greater ones.
  int64_t uid = 0;
  // The user's name for it; free again after deletion.
  std::string id;
  // Every default filled in.
  JobSpec spec;
  // Textproto of the supernet's space.
  std::string space_text;
  std::string supernet_digest;
  JobState state = JobState::kQueued;
  std::string state_reason;
  JobCounters counters;
  absl::Time create_time;
  std::optional<absl::Time> end_time;
  // Grows with every change.
  int64_t version = 1;
  // Slots searched beside max_candidates, in place of members that left the front.
  int64_t extra_slots = 0;
  // Choices of members to prove so far (proof_plan.h).
  int64_t proof_round = 0;
  // What a board for its proofs is chosen by, "devices/{device}" or "core/{core}"; kNoBoard where
  // none is there; "" until that is decided.
  std::string proof_board;
  // A worker that proves has taken one of its candidates.
  bool prover_seen = false;
  // Expected time to the end at the present pace. Not stored.
  std::optional<absl::Duration> remaining;

  // Slots that need an outcome.
  int64_t slots() const { return spec.max_candidates + extra_slots; }
  ScoringId scoring() const { return ScoringIdOf(supernet_digest, spec.evaluation); }
  // Identity of this state of the job.
  std::string etag() const;
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_JOB_H_
