#include "libs/finder/search_problem.h"

#include <utility>

#include "libs/arch/subnet.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/finder/costs.h"

namespace niwaki::finder {

using search::Metric;

absl::StatusOr<search::CostFunction> CostsByTables(const arch::SearchSpace& space,
                                                   const latency::BlockLatencies& latencies,
                                                   bool with_params) {
  CostTables tables;
  if (!latencies.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(tables.latency_us, latency::SpaceTable::OfLatencies(space, latencies));
  }
  absl::StatusOr<latency::SpaceTable> macs = latency::SpaceTable::OfMacs(space);
  const bool has_macs = macs.ok();
  if (has_macs) tables.macs = *std::move(macs);
  search::CostFunction costs = TableCosts(std::move(tables));
  // Spaces of other blocks have no table: their MACs are counted on the graph.
  if (has_macs && !with_params) return costs;
  return CombineCosts(std::move(costs), GraphCosts(space));
}

std::vector<Metric> DefaultObjectives(bool has_latency) {
  return {Metric::kTop1, has_latency ? Metric::kLatencyUs : Metric::kMacs};
}

absl::StatusOr<search::Algorithm> AlgorithmNamed(absl::string_view name, size_t objectives,
                                                 int population) {
  const auto with_population = [population](auto algorithm) {
    if (population > 0) algorithm.population = population;
    return search::Algorithm(algorithm);
  };
  if (name.empty()) name = objectives == 1 ? "evolution" : "nsga2";
  if (name == "random") return search::RandomSearchOptions();
  if (name == "predictor_nsga2") return with_population(search::PredictorNsga2Options());
  if (name == "nsga2") return with_population(search::Nsga2Options());
  if (name == "evolution") {
    search::EvolutionOptions evolution;
    evolution.resolution_mutation_probability = evolution.mutation_probability;
    return with_population(evolution);
  }
  return InvalidValue("algorithm", name, "random, evolution, nsga2 or predictor_nsga2");
}

absl::Status CheckMetricsKnown(const arch::SearchSpace& space,
                               const search::InProcessOptions& options,
                               const search::CostFunction& costs) {
  const arch::Subnet probe = arch::MinSubnet(space);
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<search::Metrics> metrics, costs({&probe, 1}));
  std::vector<Metric> wanted = options.objectives;
  for (const search::Constraint& constraint : options.constraints) {
    wanted.push_back(constraint.metric);
  }
  for (const Metric metric : wanted) {
    if (metric == Metric::kTop1 || metrics[0][metric].has_value()) continue;
    return InvalidValue(
        "metric", search::MetricName(metric),
        "known here: of costs what the latency tables or the device give, of scores "
        "top1");
  }
  return absl::OkStatus();
}

}  // namespace niwaki::finder
