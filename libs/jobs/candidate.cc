#include "libs/jobs/candidate.h"

namespace niwaki::jobs {

absl::string_view CandidateStateName(CandidateState state) {
  switch (state) {
    case CandidateState::kPending:
      return "PENDING";
    case CandidateState::kLeased:
      return "LEASED";
    case CandidateState::kScored:
      return "SCORED";
    case CandidateState::kInfeasible:
      return "INFEASIBLE";
    case CandidateState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

bool MayBecome(CandidateState from, CandidateState to) {
  switch (from) {
    case CandidateState::kPending:
      return to == CandidateState::kLeased || to == CandidateState::kScored;
    case CandidateState::kLeased:
      return to == CandidateState::kPending || to == CandidateState::kScored ||
             to == CandidateState::kFailed;
    case CandidateState::kScored:
    case CandidateState::kInfeasible:
    case CandidateState::kFailed:
      return false;
  }
  return false;
}

bool IsOutcome(CandidateState state) {
  return state == CandidateState::kScored || state == CandidateState::kInfeasible ||
         state == CandidateState::kFailed;
}

}  // namespace niwaki::jobs
