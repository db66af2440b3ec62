// Cross-layer equalisation (Nagel et al. 2019, arXiv 1906.04721, §4.1): channels of an activation
// that are small beside others are enlarged, and the weights that read them made smaller, so that
// one scale for all channels serves each.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_EQUALISE_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_EQUALISE_H_

#include "libs/engine/floats/float_network.h"
#include "libs/engine/quantise/scales/calibration.h"

namespace niwaki::engine {

// `network` is valid, without batch norms and with activations split; `ranges` are its own and
// are kept true.
//
// Every activation between a convolution, depthwise convolution or linear layer and the only
// operator that reads it, another such, is equalised where it is linear, relu or relu6. Factors are
// powers of 2 from 1 up, so outputs stay the same bits; no channel's calibrated range becomes wider
// than the tensor's. Behind relu6 the clamp at 6 is not scaled with its channel: an enlarged
// channel, all of whose calibrated values stay below 6, saturates there, as int8 would.
void Equalise(FloatNetwork& network, ChannelRanges& ranges);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_EQUALISE_H_
