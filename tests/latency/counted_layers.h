// The networks whose operators latency coefficients are fitted on, and others that the fit is held
// against.

#ifndef NIWAKI_TESTS_LATENCY_COUNTED_LAYERS_H_
#define NIWAKI_TESTS_LATENCY_COUNTED_LAYERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::latency {

struct CountedCase {
  std::string name;
  engine::QuantisedNetwork network;
};

// An int8 network of `graph`, which is one of a space, with random weights and the scales that
// quantisation would give it where they decide which form of a kernel runs: what is clamped at 0
// has all its levels above, pools keep their input's.
engine::QuantisedNetwork LikeTrained(const arch::Graph& graph, uint64_t seed);

// Random subnets of the spaces for microcontrollers (kws, cifar32, mcunet), and networks made of
// what they have not or seldom: gates and tables as OFA's MobileNetV3 has them at sizes that fit,
// residual 3x3 convolutions, fully connected layers, pools, and what imported networks have.
absl::StatusOr<std::vector<CountedCase>> FitCases();

// Others: subnets that are not in the fit, MobileNets and ProxylessNAS.
absl::StatusOr<std::vector<CountedCase>> HeldOutCases();

}  // namespace niwaki::latency

#endif  // NIWAKI_TESTS_LATENCY_COUNTED_LAYERS_H_
