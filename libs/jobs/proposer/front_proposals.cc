#include "libs/jobs/proposer/front_proposals.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/candidate.h"
#include "libs/jobs/engine/job_front.h"

namespace niwaki::jobs {
namespace {

constexpr int64_t kPage = 1000;

absl::StatusOr<std::vector<int64_t>> SlotsOfFront(const Job& tested, const JobReader& reader) {
  JobFront front(tested.spec.objectives);
  int64_t from_slot = 0;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(
        const std::vector<Candidate> page,
        reader.ListCandidates(tested.uid, from_slot, CandidateState::kScored, kPage));
    for (const Candidate& candidate : page) {
      if (!candidate.refused()) front.Add(candidate);
    }
    if (page.size() < kPage) return front.Slots();
    from_slot = page.back().slot + 1;
  }
}

absl::Status OtherFront(const Job& job, size_t size) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("front_size")
      .Value(size)
      .Limit(job.spec.max_candidates)
      .Message(absl::StrCat("the front that is to be scored has ", size, " networks, not ",
                            job.spec.max_candidates));
}

}  // namespace

absl::StatusOr<std::vector<Proposal>> FrontProposals(const Job& job, const JobReader& reader) {
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<Job> tested,
                          reader.FindJobByUid(job.spec.tested_uid));
  std::vector<int64_t> slots;
  if (tested.has_value()) {
    NIWAKI_ASSIGN_OR_RETURN(slots, SlotsOfFront(*tested, reader));
  }
  if (static_cast<int64_t>(slots.size()) != job.spec.max_candidates) {
    return OtherFront(job, slots.size());
  }
  std::vector<Proposal> proposals;
  for (const int64_t slot : slots) {
    NIWAKI_ASSIGN_OR_RETURN(std::optional<Candidate> candidate,
                            reader.FindCandidate({tested->uid, slot}));
    if (!candidate.has_value()) return OtherFront(job, proposals.size());
    Proposal proposal;
    proposal.slot = proposals.size();
    proposal.subnet_json = std::move(candidate->subnet_json);
    proposal.subnet_id = candidate->subnet_id;
    proposal.cost = candidate->cost;
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

}  // namespace niwaki::jobs
