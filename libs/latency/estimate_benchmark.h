// How many networks a core can estimate: what the oracle's answers cost before gRPC.

#ifndef NIWAKI_LIBS_LATENCY_ESTIMATE_BENCHMARK_H_
#define NIWAKI_LIBS_LATENCY_ESTIMATE_BENCHMARK_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"

namespace niwaki::latency {

struct EstimateRates {
  // Graph and all costs of different random subnets, per second on one core: by the model …
  double predicted_per_second = 0;
  // … and from a lookup table that has every operator.
  double looked_up_per_second = 0;
  // By the model, with all schedules, of networks that the memo knows.
  double known_per_second = 0;
};

// Estimates `count` random subnets of `space` on the stm32f746, sampled from `seed` beforehand.
absl::StatusOr<EstimateRates> MeasureEstimates(const arch::SearchSpace& space, int count,
                                               uint64_t seed);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_ESTIMATE_BENCHMARK_H_
