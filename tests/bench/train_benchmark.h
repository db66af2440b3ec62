// A training step against the same step in eager PyTorch, measured in turns in one run.

#ifndef NIWAKI_TESTS_BENCH_TRAIN_BENCHMARK_H_
#define NIWAKI_TESTS_BENCH_TRAIN_BENCHMARK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace niwaki::bench {

// Images per CPU second of one core through a step that trains the largest, the smallest and a
// random subnet: ours, eager PyTorch's and the ratio, whose target is 1.
absl::StatusOr<std::vector<Figure>> RunTrain(const std::string& folder);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_TRAIN_BENCHMARK_H_
