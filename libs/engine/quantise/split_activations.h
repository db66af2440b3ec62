// Activations that an int8 convolution cannot apply while it writes, as operators of their own.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_SPLIT_ACTIVATIONS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_SPLIT_ACTIVATIONS_H_

#include "libs/engine/quantise/float_network.h"

namespace niwaki::engine {

// `network`, which is valid, with a kActivation behind every operator that has hard-swish,
// hard-sigmoid or logistic, which a device looks up in a table; relu and relu6, which are clamps,
// stay. The same function, bit for bit. Ids of tensors and weights stay, new tensors follow.
FloatNetwork SplitActivations(FloatNetwork network);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_SPLIT_ACTIVATIONS_H_
