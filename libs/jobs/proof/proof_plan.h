// PlanProofs: what follows once no proof of a job is under way and every slot has its outcome.
// Verdicts on those that were proven, in slot order; then more slots in place of members that left
// the front, or the next members, or the end. A pure function of the job and its rows, so it is the
// same whoever proved what when, and after any crash.
//
//   - A member leaves the front that could not be proven, whose figures as built break a limit of
//     the job, or whose int8 network is dominated by that of another proven one.
//   - Figures of a board are held against limits only where they can be compared: arena and linked
//     flash, which are exact, and latency where the search's is of the same provenance.
//   - The first refusal brings all of `extra_slots`. Beyond the members of the first round at most
//     as many networks are proven as there are extra slots: then the job ends as it is.

#ifndef NIWAKI_LIBS_JOBS_PROOF_PROOF_PLAN_H_
#define NIWAKI_LIBS_JOBS_PROOF_PROOF_PLAN_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/job_front.h"
#include "libs/jobs/job.h"

namespace niwaki::jobs {

struct Refusal {
  int64_t slot = 0;
  std::string reason;
};

struct ProofPlan {
  explicit ProofPlan(JobFront f) : front(std::move(f)) {}

  // The one that it begins: one more than Job::proof_round.
  int64_t round = 0;
  // By slot.
  std::vector<Refusal> refusals;
  // Searched before anything else of the job is proven.
  int64_t extra_slots = 0;
  // To be proven next, in the front's order.
  std::vector<Candidate> members;
  // There is nothing more to do: neither extra slots nor members.
  bool done = false;
  // Without those that left it.
  JobFront front;
};

// `scored` are all SCORED candidates of `job`, by slot, none of them with a proof under way.
ProofPlan PlanProofs(const Job& job, const std::vector<Candidate>& scored);

// Why the figures of a proven candidate break a limit of the job; "" where they do not.
std::string BrokenLimit(const JobSpec& spec, const Candidate& candidate);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PROOF_PROOF_PLAN_H_
