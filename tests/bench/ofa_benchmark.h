// Searches of OFA's own problem under the budgets of the reference measurement, beside what the
// reference found.

#ifndef NIWAKI_TESTS_BENCH_OFA_BENCHMARK_H_
#define NIWAKI_TESTS_BENCH_OFA_BENCHMARK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/search/algorithm.h"
#include "libs/search/metric.h"
#include "libs/search/optimizer.h"
#include "tests/bench/ofa_problem.h"

namespace niwaki::bench {

// A budget, and the reference's five runs under it: OFA's released evolution finder, 50,100
// predictions a run of which 8 to 33 % are of distinct networks; CPU seconds of one thread with
// OpenBLAS (measured 2026-11-22 on an EPYC with AVX-512).
struct OfaBudget {
  // "Note10, 25 ms", "400 MMACs".
  std::string name;
  // kLatencyUs, or kMacs as the tutorial counts them.
  search::Metric metric = search::Metric::kLatencyUs;
  double max = 0;
  // Best predicted top-1: mean and standard deviation.
  double reference_mean = 0;
  double reference_deviation = 0;
  double reference_cpu_seconds = 0;
};
const std::vector<OfaBudget>& OfaBudgets();

struct OfaRuns {
  // Best predicted top-1 over the seeds.
  double mean = 0;
  double deviation = 0;
  double least = 0;
  // Of one run.
  double cpu_seconds = 0;
  // Distinct networks predicted in one run.
  double evaluations = 0;
  // Of the best networks: mean of their true MACs and of the limited cost.
  double true_macs = 0;
  double limited_cost = 0;
};

// The settings that the head to head runs: generations of 100, no network twice.
search::EvolutionOptions OfaEvolution();
inline constexpr int64_t kOfaEvaluations = 6000;
// The reference's: its finder's defaults and number of evaluations.
inline constexpr int64_t kReferenceEvaluations = 50100;

// `seeds` searches, seeds from 1. The errors of SearchInProcess.
absl::StatusOr<OfaRuns> RunOfaBudget(const OfaProblem& problem, const OfaBudget& budget,
                                     const search::Algorithm& algorithm, int64_t evaluations,
                                     int seeds);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_OFA_BENCHMARK_H_
