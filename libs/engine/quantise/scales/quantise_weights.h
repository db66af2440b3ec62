// The weights and biases of one operator in int8 and int32.

#ifndef NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_QUANTISE_WEIGHTS_H_
#define NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_QUANTISE_WEIGHTS_H_

#include <vector>

#include "libs/arch/graph.h"
#include "libs/engine/floats/float_network.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Symmetric, one scale a channel: its largest weight is 127 levels. The bias is in units of input
// scale times weight scale. A channel's scale is never so small that its bias leaves 30 bits, or
// that all it adds is nothing beside a level of the output; so a channel of zeros keeps its bias.
//
// `input_means`, where it is not empty, is the mean of each input channel: the bias then makes up
// for what rounding the weights does to the mean of the output (Nagel et al. 2019, arXiv
// 1906.04721, §4.2, edges of the image aside).
QuantisedWeight QuantiseWeight(const arch::Graph& graph, const arch::Op& op,
                               const FloatWeight& weight, const Quantisation& input,
                               const Quantisation& output, const std::vector<double>& input_means);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_QUANTISE_SCALES_QUANTISE_WEIGHTS_H_
