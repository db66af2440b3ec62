// Which tensors of an operator kernels take as one row of bytes, [H, W, C], and not by steps.

#ifndef NIWAKI_LIBS_ENGINE_PLAN_DENSE_SIDES_H_
#define NIWAKI_LIBS_ENGINE_PLAN_DENSE_SIDES_H_

#include "libs/arch/graph.h"

namespace niwaki::engine {

struct DenseSides {
  bool inputs = false;
  bool output = false;
};

// The contract between plans and what calls kernels:
//
//   linear       its input, where that has more than one pixel
//   concat       its output: parts are slices of pixels
//   reshape, mean, quantize, dequantize    both
//
// The network's own input and output are dense too.
inline DenseSides DenseSidesOf(const arch::Graph& graph, const arch::Op& op) {
  switch (op.kind) {
    case arch::OpKind::kLinear: {
      const arch::TensorShape& in = graph.shape(op.input);
      return {in.height * in.width > 1, false};
    }
    case arch::OpKind::kConcat:
      return {false, true};
    case arch::OpKind::kReshape:
    case arch::OpKind::kMean:
    case arch::OpKind::kQuantize:
    case arch::OpKind::kDequantize:
      return {true, true};
    default:
      return {};
  }
}

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_PLAN_DENSE_SIDES_H_
