// An int8 network with the operators of a graph and random weights: for what weights do not matter
// to, as sizes and times.

#ifndef NIWAKI_TESTS_FLASH_RANDOM_NETWORK_H_
#define NIWAKI_TESTS_FLASH_RANDOM_NETWORK_H_

#include <cstdint>

#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::flash {

// `graph` is one of a space: operators as quantisation would leave them, activations that are no
// clamps behind their convolutions, batch norms folded. Tensors have one scale, shares of one the
// one that TensorFlow Lite gives them. Weights, biases and scales come from `seed`.
engine::QuantisedNetwork RandomNetwork(const arch::Graph& graph, uint64_t seed);

}  // namespace niwaki::flash

#endif  // NIWAKI_TESTS_FLASH_RANDOM_NETWORK_H_
