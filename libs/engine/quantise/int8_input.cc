#include "libs/engine/quantise/int8_input.h"

#include <algorithm>
#include <vector>

#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/fuse_pads.h"

namespace niwaki::engine {
namespace {

// Whether the first operator is the quantisation and nothing else needs what it reads.
bool BeginsWithQuantise(const arch::Graph& graph) {
  if (graph.ops.size() < 2 || graph.ops[0].kind != arch::OpKind::kQuantize ||
      graph.ops[0].input != graph.input || graph.output == graph.input) {
    return false;
  }
  return std::none_of(graph.ops.begin() + 1, graph.ops.end(), [&](const arch::Op& op) {
    const auto inputs = arch::InputsOf(graph, op);
    return std::find(inputs.begin(), inputs.end(), graph.input) != inputs.end();
  });
}

}  // namespace

QuantisedNetwork WithInt8Input(const QuantisedNetwork& network) {
  if (!BeginsWithQuantise(network.graph)) return network;
  QuantisedNetwork result = network;
  result.graph.input = result.graph.ops[0].output;
  result.graph.ops.erase(result.graph.ops.begin());
  // Which also leaves out the tensor that nobody has any more.
  return FusePads(result);
}

}  // namespace niwaki::engine
