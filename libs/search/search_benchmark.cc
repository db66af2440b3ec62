#include "libs/search/search_benchmark.h"

#include <array>
#include <utility>

#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/base/clock.h"
#include "libs/base/log.h"
#include "libs/search/optimizer.h"
#include "libs/search/slot_scheduler.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

constexpr int kMaxProbes = 64;
constexpr int kGenerations = 500;
constexpr int kPopulation = 100;

void Score(const TableScorer& scorer, const std::vector<Decision>& decisions, int num_objectives,
           double max_cost, SlotScheduler& scheduler, TableSearchResult& result) {
  for (const Decision& decision : decisions) {
    result.duplicates += decision.duplicates;
    if (!decision.subnet.has_value()) {
      ++result.infeasible;
      continue;
    }
    ++result.scored;
    Outcome outcome;
    outcome.objectives.push_back(scorer.Loss(*decision.subnet));
    if (num_objectives == 2) outcome.objectives.push_back(scorer.Cost(*decision.subnet));
    if (max_cost < 1.0) outcome.usages = {scorer.Cost(*decision.subnet) / max_cost};
    result.objectives.push_back(outcome.objectives);
    scheduler.SetOutcome(decision.slot, std::move(outcome));
  }
}

double SecondsOnMcunet(const Algorithm& algorithm, int num_objectives) {
  const auto space = arch::CatalogueSpace("mcunet");
  NIWAKI_CHECK(space.ok());
  TableSearchOptions options;
  options.algorithm = algorithm;
  options.num_objectives = num_objectives;
  options.slots = int64_t{kGenerations} * kPopulation;
  const TableSearchResult result = RunTableSearch(*space, options);
  NIWAKI_CHECK(result.scored == options.slots);
  return result.seconds;
}

}  // namespace

TableSearchResult RunTableSearch(const arch::SearchSpace& space,
                                 const TableSearchOptions& options) {
  const TableScorer scorer(space, options.table_seed);
  SlotSchedulerOptions scheduler_options;
  scheduler_options.optimizer = {options.algorithm, options.num_objectives, options.seed};
  scheduler_options.max_slots = options.slots;
  scheduler_options.lag = options.lag;
  const absl::Time start = Clock::Real().Now();
  auto scheduler = SlotScheduler::Create(space, scheduler_options);
  NIWAKI_CHECK(scheduler.ok());
  TableSearchResult result;
  std::array<bool, kMaxProbes> feasible;
  while (!(*scheduler)->done()) {
    const std::vector<Probe> probes = (*scheduler)->NextProbes(kMaxProbes);
    for (size_t i = 0; i < probes.size(); ++i) {
      feasible[i] = options.max_cost >= 1.0 || scorer.Cost(probes[i].subnet) <= options.max_cost;
    }
    Score(scorer, (*scheduler)->Resolve(absl::MakeConstSpan(feasible.data(), probes.size())),
          options.num_objectives, options.max_cost, **scheduler, result);
  }
  result.seconds = absl::ToDoubleSeconds(Clock::Real().Now() - start);
  return result;
}

double EvolutionSeconds() {
  EvolutionOptions evolution;
  evolution.population = kPopulation;
  return SecondsOnMcunet(evolution, /*num_objectives=*/1);
}

double Nsga2Seconds() {
  Nsga2Options nsga2;
  nsga2.population = kPopulation;
  return SecondsOnMcunet(nsga2, /*num_objectives=*/2);
}

}  // namespace niwaki::search
