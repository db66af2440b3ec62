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
// relu6 its rescaling and clamp; logistic its table of floats; hard-sigmoid, which it has not,
// relu6(x + 3) / 6 in float, rounded half away from zero.
std::array<int8_t, 256> ActivationTable(arch::OpActivation activation, const Quantisation& input,
                                        const Quantisation& output);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_ACTIVATION_TABLE_H_
