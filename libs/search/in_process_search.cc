#include "libs/search/in_process_search.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "libs/base/status_macros.h"
#include "libs/search/front/pareto_front.h"
#include "libs/search/optimizer.h"

namespace niwaki::search {
namespace {

constexpr int kMaxProbes = 256;
constexpr int kRandomRound = 256;

// A round is a generation, so that every child has the newest parents.
int RoundOf(const RandomSearchOptions&) { return kRandomRound; }
int RoundOf(const EvolutionOptions& options) { return options.population; }
int RoundOf(const Nsga2Options& options) { return options.population; }
int RoundOf(const PredictorNsga2Options& options) { return options.retrain_every; }

class Search {
 public:
  Search(const InProcessOptions& options, const CostFunction& costs, const ScoreFunction& scores,
         int64_t round, std::unique_ptr<SlotScheduler> scheduler)
      : options_(options),
        costs_(costs),
        scores_(scores),
        round_(round),
        scheduler_(std::move(scheduler)),
        front_(static_cast<int>(options.objectives.size())) {}

  absl::StatusOr<InProcessResult> Run(const GoOn& go_on) {
    while (!scheduler_->done()) {
      NIWAKI_RETURN_IF_ERROR(DecideRound());
      // Nothing is left within the limits: further slots would look in vain.
      if (subnets_.empty()) break;
      NIWAKI_RETURN_IF_ERROR(ScoreRound());
      if (!go_on(static_cast<int64_t>(result_.evaluated.size())) && !scheduler_->done()) {
        result_.interrupted = true;
        break;
      }
    }
    for (const ParetoFront::Point& point : front_.points()) {
      const auto at = std::lower_bound(
          result_.evaluated.begin(), result_.evaluated.end(), point.slot,
          [](const EvaluatedSubnet& one, int64_t slot) { return one.slot < slot; });
      result_.front.push_back(at - result_.evaluated.begin());
    }
    return std::move(result_);
  }

 private:
  // Decides slots until outcomes are needed, or a whole round has found nothing.
  absl::Status DecideRound() {
    subnets_.clear();
    metrics_.clear();
    slots_.clear();
    const int64_t most_infeasible = result_.infeasible + round_;
    while (!subnets_.empty() || result_.infeasible < most_infeasible) {
      const std::vector<Probe> probes = scheduler_->NextProbes(kMaxProbes);
      NIWAKI_ASSIGN_OR_RETURN(const std::vector<Metrics> costs, CostsOf(probes));
      const std::unique_ptr<bool[]> feasible(new bool[probes.size()]);
      for (size_t i = 0; i < probes.size(); ++i) {
        feasible[i] = !FirstViolation(options_.constraints, costs[i]).has_value();
      }
      const std::vector<Decision> decisions =
          scheduler_->Resolve(absl::MakeConstSpan(feasible.get(), probes.size()));
      if (probes.empty() && decisions.empty()) return absl::OkStatus();
      for (const Decision& decision : decisions) Take(decision);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Metrics>> CostsOf(const std::vector<Probe>& probes) const {
    std::vector<arch::Subnet> subnets;
    subnets.reserve(probes.size());
    for (const Probe& probe : probes) subnets.push_back(probe.subnet);
    return costs_(subnets);
  }

  void Take(const Decision& decision) {
    result_.duplicates += decision.duplicates;
    result_.over_limit += decision.over_limit;
    if (!decision.subnet.has_value()) {
      ++result_.infeasible;
      return;
    }
    slots_.push_back(decision.slot);
    subnets_.push_back(*decision.subnet);
  }

  absl::Status ScoreRound() {
    NIWAKI_ASSIGN_OR_RETURN(metrics_, costs_(subnets_));
    NIWAKI_RETURN_IF_ERROR(scores_(subnets_, absl::MakeSpan(metrics_)));
    for (size_t i = 0; i < subnets_.size(); ++i) {
      Outcome outcome;
      NIWAKI_ASSIGN_OR_RETURN(outcome.objectives, ObjectivesOf(metrics_[i], options_.objectives));
      outcome.usages = UsagesOf(options_.constraints, metrics_[i]);
      front_.Insert(slots_[i], outcome.objectives);
      scheduler_->SetOutcome(slots_[i], std::move(outcome));
      result_.evaluated.push_back({slots_[i], subnets_[i], metrics_[i]});
    }
    return absl::OkStatus();
  }

  const InProcessOptions& options_;
  const CostFunction& costs_;
  const ScoreFunction& scores_;
  const int64_t round_;
  const std::unique_ptr<SlotScheduler> scheduler_;
  ParetoFront front_;
  InProcessResult result_;
  // Of the present round: slots with a network, in order.
  std::vector<int64_t> slots_;
  std::vector<arch::Subnet> subnets_;
  std::vector<Metrics> metrics_;
};

}  // namespace

absl::StatusOr<InProcessResult> SearchInProcess(const arch::SearchSpace& space,
                                                const InProcessOptions& options,
                                                const CostFunction& costs,
                                                const ScoreFunction& scores, const GoOn& go_on) {
  NIWAKI_RETURN_IF_ERROR(CheckInRange("evaluations", options.evaluations, kEvaluations));
  NIWAKI_RETURN_IF_ERROR(ValidateConstraints(options.constraints));
  SlotSchedulerOptions scheduler_options;
  scheduler_options.optimizer = {options.algorithm, static_cast<int>(options.objectives.size()),
                                 options.seed};
  scheduler_options.max_slots = options.evaluations;
  scheduler_options.round =
      std::visit([](const auto& algorithm) { return RoundOf(algorithm); }, options.algorithm);
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<SlotScheduler> scheduler,
                          SlotScheduler::Create(space, scheduler_options));
  if (!options.constraints.empty()) {
    FeasibilityOptions feasibility;
    feasibility.seed = options.seed;
    NIWAKI_ASSIGN_OR_RETURN(const Feasibility found,
                            AssessFeasibility(space, options.constraints, costs, feasibility));
    NIWAKI_RETURN_IF_ERROR(CheckPossible(found));
  }
  return Search(options, costs, scores, scheduler_options.round, std::move(scheduler)).Run(go_on);
}

}  // namespace niwaki::search
