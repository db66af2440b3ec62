#include "libs/interchange/tensor_ranks.h"

#include "libs/arch/operator_facts.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;

// Operators whose output has its input's axes, whatever they are. Hard-sigmoid becomes a depthwise
// convolution, which needs an image.
bool KeepsAxes(const Op& op) {
  switch (op.kind) {
    case OpKind::kSoftmax:
    case OpKind::kRescale:
    case OpKind::kQuantize:
    case OpKind::kDequantize:
      return true;
    case OpKind::kActivation:
      return op.activation != arch::OpActivation::kHardSigmoid;
    default:
      return false;
  }
}

bool IsPixel(const arch::TensorShape& shape) { return shape.height == 1 && shape.width == 1; }

}  // namespace

std::vector<bool> FlatTensors(const arch::Graph& graph) {
  std::vector<bool> flat(graph.tensors.size());
  // From behind: whether all readers take a row.
  for (size_t i = 0; i < flat.size(); ++i) flat[i] = IsPixel(graph.tensors[i]);
  for (size_t i = graph.ops.size(); i-- > 0;) {
    const Op& op = graph.ops[i];
    if (op.kind == OpKind::kLinear || op.kind == OpKind::kReshape) continue;
    const bool takes_row = KeepsAxes(op) && flat[op.output];
    for (const TensorId input : arch::InputsOf(graph, op)) {
      if (!takes_row) flat[input] = false;
    }
  }
  // From the front: whether its writer makes one.
  std::vector<bool> written(flat.size());
  written[graph.input] = flat[graph.input];
  for (const Op& op : graph.ops) {
    const bool makes_row = op.kind == OpKind::kLinear || op.kind == OpKind::kReshape ||
                           op.kind == OpKind::kMean || (KeepsAxes(op) && written[op.input]);
    written[op.output] = makes_row && flat[op.output];
  }
  return written;
}

}  // namespace niwaki::interchange
