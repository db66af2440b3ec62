// Padding as a part of the convolution that reads it: converters write it as an operator of its
// own, which would hold the tensor twice.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_FUSE_PADS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_FUSE_PADS_H_

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// `network`, which is valid, without the pads whose output one convolution or depthwise convolution
// alone reads, or one max pool where the zero point is the least level, and without those that add
// nothing: the same output, byte for byte, because a convolution's padding is its input's zero
// point too. Where a side would have more than 255 rows or columns the pad stays. Tensors that
// nobody uses any more are left out, so ids change; weights and constants keep their order.
QuantisedNetwork FusePads(const QuantisedNetwork& network);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_FUSE_PADS_H_
