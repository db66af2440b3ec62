// What the kernel of one operator takes besides memory: window, factors, limits, tables. The host
// runner calls kernels with it, and emitted code holds it as constants.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_KERNEL_PARAMETERS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_KERNEL_PARAMETERS_H_

#include <array>
#include <cstdint>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/elementwise.h"
#include "libs/kernels/pooling.h"
#include "libs/kernels/softmax.h"
#include "libs/kernels/tensor.h"

namespace niwaki::engine {

// Of these an operator's kind uses some; the others are zero.
struct KernelParameters {
  nw_window window = {};
  // Convolutions and linear layers: one factor for each output channel.
  nw_levels levels = {};
  std::vector<int32_t> multipliers;
  std::vector<int8_t> shifts;
  nw_add_levels add = {};
  nw_multiply_levels multiply = {};
  nw_rescale_levels rescale = {};
  // Pools.
  nw_limits limits = {};
  nw_mean_levels mean = {};
  nw_softmax_levels softmax = {};
  // kActivation: the output of each input, from -128 up.
  std::array<int8_t, 256> table = {};
};

// `op` is one of `network`, which is valid (Validate).
KernelParameters ParametersOf(const QuantisedNetwork& network, const arch::Op& op);

// The levels that an activation leaves an output: of int8, and of the clamp where it is one.
nw_limits LimitsOf(arch::OpActivation activation, const Quantisation& output);

// Of a softmax over levels of `scale`.
nw_softmax_levels SoftmaxLevels(float scale);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_KERNEL_PARAMETERS_H_
