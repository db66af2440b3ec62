// Activations of one int8 as tables of 256 bytes: what hard-swish, hard-sigmoid and logistic are on
// a device.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_ACTIVATION_TABLE_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_ACTIVATION_TABLE_H_

#include <array>
#include <cstdint>

#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// table[level + 128]. Hard-swish is TensorFlow Lite's arithmetic in 16 bits, to the bit; relu and
// relu6 its rescaling and clamp; logistic its table of floats. Hard-sigmoid, which it has not, is
// what its depthwise convolution makes of HardSigmoidFilterFor, limited to the levels of 0 and 1:
// at scale 1/256 and zero point -128 saturation does that already, so such a network runs there.
std::array<int8_t, 256> ActivationTable(arch::OpActivation activation, const Quantisation& input,
                                        const Quantisation& output);

// x / 6 + 1/2 as a filter of one weight: `weight` * `scale` is 1/6, `bias` stands for 1/2 in units
// of input scale * `scale`. Biases beyond int32 (input scales below 1.8e-7) saturate.
struct HardSigmoidFilter {
  int8_t weight = 0;
  float scale = 0;
  int32_t bias = 0;
};
HardSigmoidFilter HardSigmoidFilterFor(const Quantisation& input);

// What a depthwise convolution of 1 x 1 with that filter gives each level: the table of
// hard-sigmoid where this one has no need of its limits.
std::array<int8_t, 256> HardSigmoidFilterTable(const Quantisation& input,
                                               const Quantisation& output);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_ACTIVATION_TABLE_H_
