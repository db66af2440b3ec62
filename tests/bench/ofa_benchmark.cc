#include "tests/bench/ofa_benchmark.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "libs/base/status_macros.h"
#include "libs/finder/costs.h"
#include "libs/finder/predictor_scores.h"
#include "libs/search/in_process_search.h"

namespace niwaki::bench {
namespace {

using search::Metric;

// CPU seconds of this thread so far.
double ThreadSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The network with the highest predicted accuracy, the earliest of equals.
const search::EvaluatedSubnet& BestOf(const search::InProcessResult& result) {
  return result.evaluated[result.front[0]];
}

}  // namespace

const std::vector<OfaBudget>& OfaBudgets() {
  static const auto* const budgets = new std::vector<OfaBudget>{
      {"Note10, 15 ms", Metric::kLatencyUs, 15e3, 0.7849, 0.0007, 8.5},
      {"Note10, 20 ms", Metric::kLatencyUs, 20e3, 0.8044, 0.0014, 5.3},
      {"Note10, 25 ms", Metric::kLatencyUs, 25e3, 0.8177, 0.0013, 5.2},
      {"Note10, 30 ms", Metric::kLatencyUs, 30e3, 0.8265, 0.0013, 5.0},
      {"250 MMACs", Metric::kMacs, 250e6, 0.8181, 0.0023, 2.6},
      {"350 MMACs", Metric::kMacs, 350e6, 0.8317, 0.0016, 2.5},
      {"400 MMACs", Metric::kMacs, 400e6, 0.8379, 0.0018, 2.4},
      {"600 MMACs", Metric::kMacs, 600e6, 0.8477, 0.0020, 2.2},
  };
  return *budgets;
}

search::EvolutionOptions OfaEvolution() {
  search::EvolutionOptions options;
  options.resolution_mutation_probability = 0.1;
  return options;
}

absl::StatusOr<OfaRuns> RunOfaBudget(const OfaProblem& problem, const OfaBudget& budget,
                                     const search::Algorithm& algorithm, int64_t evaluations,
                                     int seeds) {
  search::InProcessOptions options;
  options.algorithm = algorithm;
  options.objectives = {Metric::kTop1};
  options.constraints = {{budget.metric, budget.max}};
  options.evaluations = evaluations;
  finder::CostTables tables;
  if (budget.metric == Metric::kLatencyUs) tables.latency_us = problem.latency_us;
  if (budget.metric == Metric::kMacs) tables.macs = problem.reference_macs;
  const search::CostFunction costs = finder::TableCosts(std::move(tables));
  const search::ScoreFunction scores = finder::PredictorScores(problem.predictor);
  OfaRuns runs;
  std::vector<double> best;
  for (int seed = 1; seed <= seeds; ++seed) {
    options.seed = seed;
    const double start = ThreadSeconds();
    NIWAKI_ASSIGN_OR_RETURN(
        const search::InProcessResult result,
        SearchInProcess(problem.space, options, costs, scores, [](int64_t) { return true; }));
    runs.cpu_seconds += (ThreadSeconds() - start) / seeds;
    runs.evaluations += static_cast<double>(result.evaluated.size()) / seeds;
    const search::EvaluatedSubnet& winner = BestOf(result);
    best.push_back(*winner.metrics.top1);
    runs.mean += best.back() / seeds;
    runs.true_macs += problem.true_macs.CostOf(winner.subnet) / seeds;
    runs.limited_cost += *winner.metrics[budget.metric] / seeds;
  }
  runs.least = *std::min_element(best.begin(), best.end());
  double squares = 0;
  for (const double value : best) squares += (value - runs.mean) * (value - runs.mean);
  if (seeds > 1) runs.deviation = std::sqrt(squares / (seeds - 1));
  return runs;
}

}  // namespace niwaki::bench
