#include "libs/engine/quantise/split_activations.h"

#include <utility>
#include <vector>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;

bool IsTable(OpActivation activation) {
  return activation == OpActivation::kHardSwish || activation == OpActivation::kHardSigmoid ||
         activation == OpActivation::kLogistic;
}

}  // namespace

FloatNetwork SplitActivations(FloatNetwork network) {
  arch::Graph& graph = network.graph;
  std::vector<Op> ops;
  ops.reserve(graph.ops.size());
  for (Op& op : graph.ops) {
    if (op.kind == OpKind::kActivation || !IsTable(op.activation)) {
      ops.push_back(op);
      continue;
    }
    Op activation;
    activation.kind = OpKind::kActivation;
    activation.activation = std::exchange(op.activation, OpActivation::kNone);
    activation.input = static_cast<arch::TensorId>(graph.tensors.size());
    activation.output = op.output;
    activation.stage = op.stage;
    activation.block = op.block;
    graph.tensors.push_back(arch::TensorShape(graph.shape(op.output)));
    op.output = activation.input;
    ops.push_back(op);
    ops.push_back(activation);
  }
  graph.ops = std::move(ops);
  return network;
}

}  // namespace niwaki::engine
