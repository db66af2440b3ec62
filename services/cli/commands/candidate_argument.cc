#include "services/cli/commands/candidate_argument.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::cli {

absl::StatusOr<v1::Candidate> FindCandidate(client::CoordinatorClient& coordinator,
                                            const jobfile::CandidateName& name) {
  if (!name.best) return coordinator.GetCandidate(name.job, name.slot);
  NIWAKI_ASSIGN_OR_RETURN(client::Front front, coordinator.GetFront(name.job));
  if (!front.candidates.empty()) return std::move(front.candidates[0]);
  return Error(absl::StatusCode::kNotFound, reason::kCandidateUnknown)
      .Field("candidate")
      .Value(absl::StrCat(name.job, "/candidates/best"))
      .Message(absl::StrCat(name.job, " has no network on its front yet"));
}

}  // namespace niwaki::cli
