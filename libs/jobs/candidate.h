// Candidate: one network proposed to a job, and what became of it.
//
//   PENDING ──lease──► LEASED ──score──► SCORED
//      ▲  │               │
//      │  └──known score──┼────────────► SCORED
//      └──expiry, failure─┴──too many──► FAILED
//   INFEASIBLE: made so; the slot has no network within the limits.

#ifndef NIWAKI_LIBS_JOBS_CANDIDATE_H_
#define NIWAKI_LIBS_JOBS_CANDIDATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/subnet.h"
#include "libs/cost/cost.h"
#include "libs/jobs/proof.h"
#include "libs/jobs/score.h"

namespace niwaki::jobs {

// The numbers are stored and are those of the wire.
enum class CandidateState { kPending = 1, kLeased = 2, kScored = 3, kInfeasible = 4, kFailed = 5 };

// "PENDING", ….
absl::string_view CandidateStateName(CandidateState state);

// Whether `to` may follow `from`.
bool MayBecome(CandidateState from, CandidateState to);

// Whether the slot has its outcome.
bool IsOutcome(CandidateState state);

struct Candidate {
  int64_t slot = 0;
  CandidateState state = CandidateState::kPending;
  // Why it is infeasible or failed.
  std::string state_reason;
  // OFA's JSON form; empty only for infeasible slots.
  std::string subnet_json;
  arch::SubnetId subnet_id;
  cost::Cost cost;
  std::optional<Score> score;
  // Leases given so far; the epoch of the last one.
  int64_t epoch = 0;
  // Holder of the last lease.
  std::string worker;
  // Workers that failed on it or vanished while scoring it, once for each time.
  std::vector<std::string> strikes;
  // The score came from the score table.
  bool cached = false;
  // Set once it is chosen to be proven.
  std::optional<Proof> proof;

  // It has left the front.
  bool refused() const { return proof.has_value() && proof->state == ProofState::kRefused; }
};

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_CANDIDATE_H_
