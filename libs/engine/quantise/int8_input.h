// A network that takes int8 from its caller where it took floats.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_INT8_INPUT_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_INT8_INPUT_H_

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// `network`, which is valid, without the kQuantize that alone reads its input: its input is what
// that operator wrote, at the same scale and zero point, so that rows of it can be handed over one
// by one. The caller quantises, round to nearest and clamped to int8: the same output then, byte
// for byte. Otherwise the network as it is. Ids of tensors change; weights and constants keep their
// order.
QuantisedNetwork WithInt8Input(const QuantisedNetwork& network);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_INT8_INPUT_H_
