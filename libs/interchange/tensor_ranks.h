// Which tensors of a network a file holds as rows instead of images.

#ifndef NIWAKI_LIBS_INTERCHANGE_TENSOR_RANKS_H_
#define NIWAKI_LIBS_INTERCHANGE_TENSOR_RANKS_H_

#include <vector>

#include "libs/arch/graph.h"

namespace niwaki::interchange {

// By tensor: whether it is [1, C] in a file of TensorFlow Lite, as its users expect of a
// classifier's scores; all others are [1, H, W, C]. So are tensors of one pixel that the input, a
// linear layer, a mean, a reshape, or elementwise operators behind these write, and that nothing
// but linear layers, reshapes and such elementwise operators reads.
std::vector<bool> FlatTensors(const arch::Graph& graph);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TENSOR_RANKS_H_
