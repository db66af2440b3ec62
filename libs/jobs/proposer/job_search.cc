#include "libs/jobs/proposer/job_search.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/jobs/engine/job_front.h"

namespace niwaki::jobs {
namespace {

constexpr int kProbesPerBatch = 256;
constexpr int64_t kRestorePage = 1000;

search::SlotSchedulerOptions SchedulerOptions(const Job& job) {
  const JobSpec& spec = job.spec;
  search::SlotSchedulerOptions options;
  options.optimizer.algorithm = spec.algorithm;
  options.optimizer.num_objectives = static_cast<int>(spec.objectives.size());
  options.optimizer.seed = spec.seed;
  options.max_slots = job.slots();
  // Slot s knows the outcomes of all slots up to s - max_parallel, so max_parallel are in flight.
  options.lag = spec.max_parallel - 1;
  return options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<JobSearch>> JobSearch::Restore(const Job& job,
                                                              const JobReader& reader) {
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space,
                          arch::SearchSpace::FromTextproto(job.space_text));
  std::unique_ptr<JobSearch> search(new JobSearch(job, std::move(space)));
  NIWAKI_ASSIGN_OR_RETURN(search->scheduler_,
                          search::SlotScheduler::Create(*search->space_, SchedulerOptions(job)));
  int64_t from_slot = 0;
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<Candidate> page,
                            reader.ListCandidates(job.uid, from_slot, std::nullopt, kRestorePage));
    for (const Candidate& candidate : page) {
      NIWAKI_RETURN_IF_ERROR(search->RestoreRow(candidate));
    }
    if (page.size() < kRestorePage) return search;
    from_slot = page.back().slot + 1;
  }
}

absl::Status JobSearch::RestoreRow(const Candidate& candidate) {
  if (candidate.state == CandidateState::kInfeasible) {
    return scheduler_->Restore(candidate.slot, std::nullopt, std::nullopt);
  }
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::SubnetFromJson(*space_, candidate.subnet_json));
  std::optional<search::Outcome> outcome;
  if (IsOutcome(candidate.state)) {
    outcome = OutcomeOf(candidate);
  } else {
    awaited_.insert(candidate.slot);
  }
  return scheduler_->Restore(candidate.slot, subnet, outcome);
}

search::Outcome JobSearch::OutcomeOf(const Candidate& candidate) const {
  // A member that left the front is to attract no others.
  if (candidate.state != CandidateState::kScored || candidate.refused()) {
    return {search::Outcome::Kind::kFailed, {}};
  }
  // Every limited cost is known: the candidate was found within the limits. Only in rows of before
  // one may not be; it counts as used up.
  search::Metrics metrics = MetricsOf(candidate.cost);
  for (const search::Constraint& constraint : job_.spec.constraints) {
    std::optional<double>& value = metrics[constraint.metric];
    if (!value.has_value()) value = constraint.max;
  }
  return {search::Outcome::Kind::kScored,
          ObjectivesOf(job_.spec.objectives, candidate.cost, *candidate.score),
          search::UsagesOf(job_.spec.constraints, metrics)};
}

void JobSearch::SetOutcome(const Candidate& candidate) {
  if (awaited_.erase(candidate.slot) == 0) return;
  scheduler_->SetOutcome(candidate.slot, OutcomeOf(candidate));
  idle_ = false;
}

absl::StatusOr<std::vector<Proposal>> JobSearch::Advance(CostSource& costs) {
  const std::vector<search::Probe> probes = scheduler_->NextProbes(kProbesPerBatch);
  std::vector<cost::Cost> answers;
  if (!probes.empty()) {
    std::vector<arch::Subnet> subnets;
    for (const search::Probe& probe : probes) subnets.push_back(probe.subnet);
    NIWAKI_ASSIGN_OR_RETURN(answers,
                            costs.EstimateCosts({job_.spec.device, job_.spec.device_revision,
                                                 SramLimitOf(job_.spec), job_.spec.table_version},
                                                *space_, subnets));
    if (answers.size() != probes.size()) {
      return Error(absl::StatusCode::kInternal, reason::kOracleUnavailable)
          .Field("costs")
          .Value(answers.size())
          .Limit(probes.size())
          .Message("the oracle gave a wrong number of costs");
    }
  }
  // std::vector<bool> has no contiguous bools.
  const std::unique_ptr<bool[]> feasible(new bool[probes.size()]);
  for (size_t i = 0; i < probes.size(); ++i) {
    feasible[i] = Admit(probes[i], answers[i]);
  }
  std::vector<Proposal> proposals;
  for (const search::Decision& decision :
       scheduler_->Resolve(absl::MakeConstSpan(feasible.get(), probes.size()))) {
    proposals.push_back(ProposalOf(decision));
  }
  costs_.erase(costs_.begin(), costs_.lower_bound({scheduler_->next_slot(), arch::SubnetId()}));
  unknown_.erase(unknown_.begin(), unknown_.lower_bound(scheduler_->next_slot()));
  smallest_.erase(smallest_.begin(), smallest_.lower_bound(scheduler_->next_slot()));
  idle_ = probes.empty() && proposals.empty();
  return proposals;
}

bool JobSearch::Admit(const search::Probe& probe, const cost::Cost& cost) {
  const auto violation = search::FirstViolation(limits_, MetricsOf(cost));
  if (!violation.has_value()) {
    costs_[{probe.slot, probe.id}] = cost;
    return true;
  }
  if (!violation->value.has_value()) ++unknown_[probe.slot][violation->metric];
  if (violation->metric == search::Metric::kSramBytes) {
    const auto [smallest, is_first] = smallest_.emplace(probe.slot, cost);
    if (!is_first && cost.sram_bytes < smallest->second.sram_bytes) smallest->second = cost;
  }
  return false;
}

Proposal JobSearch::ProposalOf(const search::Decision& decision) {
  Proposal proposal;
  proposal.slot = decision.slot;
  proposal.rejected = decision.over_limit;
  if (!decision.subnet.has_value()) {
    proposal.infeasible = true;
    proposal.reason =
        absl::StrCat("no new network within the limits: ", decision.over_limit,
                     " proposals were over a limit, ", decision.duplicates, " were known");
    for (const auto& [metric, count] : unknown_[decision.slot]) {
      absl::StrAppend(&proposal.reason, "; ", search::MetricName(metric), " of ", count,
                      " of them is unknown on device '", job_.spec.device, "'");
    }
    const auto smallest = smallest_.find(decision.slot);
    if (smallest != smallest_.end()) {
      const cost::Cost& cost = smallest->second;
      absl::StrAppend(&proposal.reason, "; the least SRAM of them is ",
                      FormatBytes(cost.sram_bytes), cost.schedule.empty() ? "" : ", ",
                      cost.schedule, ", the limit is ", FormatBytes(SramLimitOf(job_.spec)));
    }
    return proposal;
  }
  proposal.subnet_json = arch::ToJson(*space_, *decision.subnet);
  proposal.subnet_id = decision.id;
  proposal.cost = costs_.at({decision.slot, decision.id});
  awaited_.insert(decision.slot);
  return proposal;
}

}  // namespace niwaki::jobs
