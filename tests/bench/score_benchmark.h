// Scoring against the same network in eager PyTorch, measured in turns in one run.

#ifndef NIWAKI_TESTS_BENCH_SCORE_BENCHMARK_H_
#define NIWAKI_TESTS_BENCH_SCORE_BENCHMARK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace niwaki::bench {

// Images per CPU second of one core in batch-norm recalibration and in evaluation, one subnet of
// the once-for-all MobileNetV3 space at 128 and at 224 pixels: ours, eager PyTorch's, the
// reference's as recorded, and the ratios that have targets.
absl::StatusOr<std::vector<Figure>> RunScore(const std::string& folder);

}  // namespace niwaki::bench

#endif  // NIWAKI_TESTS_BENCH_SCORE_BENCHMARK_H_
