#include "libs/engine/sensor/posteriors.h"

#include "libs/arch/graph.h"
#include "libs/engine/quantise/kernel_parameters.h"
#include "libs/kernels/softmax.h"
#include "libs/kernels/tensor.h"

namespace niwaki::engine {
namespace {

// The tensor that the caller of an emitted network gets.
arch::TensorId OutputOf(const arch::Graph& graph) {
  for (const arch::Op& op : graph.ops) {
    if (op.kind == arch::OpKind::kDequantize && op.output == graph.output) return op.input;
  }
  return graph.output;
}

}  // namespace

bool EndsInSoftmax(const QuantisedNetwork& network) {
  const arch::TensorId output = OutputOf(network.graph);
  for (const arch::Op& op : network.graph.ops) {
    if (op.output == output) return op.kind == arch::OpKind::kSoftmax;
  }
  return false;
}

std::vector<uint8_t> PosteriorsOf(const QuantisedNetwork& network,
                                  absl::Span<const int8_t> outputs) {
  std::vector<int8_t> levels(outputs.begin(), outputs.end());
  if (!EndsInSoftmax(network)) {
    const nw_shape shape = {1, 1, static_cast<int32_t>(outputs.size())};
    nw_input input = {};
    input.data = outputs.data();
    input.shape = shape;
    input.steps = nw_channels_innermost(shape);
    nw_output output = {};
    output.data = levels.data();
    output.shape = shape;
    output.steps = input.steps;
    const nw_softmax_levels softmax = SoftmaxLevels(network.tensors[OutputOf(network.graph)].scale);
    nw_softmax(&input, &output, &softmax, {0, 1});
  }
  std::vector<uint8_t> posteriors;
  for (const int8_t level : levels) posteriors.push_back(static_cast<uint8_t>(level + 128));
  return posteriors;
}

}  // namespace niwaki::engine
