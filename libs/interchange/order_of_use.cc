#include "libs/interchange/order_of_use.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "libs/arch/graph.h"

namespace niwaki::interchange {
namespace {

using arch::Graph;
using arch::Op;
using arch::TensorId;

// New numbers of things that are counted as they come.
class Numbers {
 public:
  explicit Numbers(size_t count) : numbers_(count, -1) {}

  // That of `id`, the next one where it is new; -1 of -1.
  int32_t Use(int32_t id) {
    if (id < 0) return -1;
    if (numbers_[id] < 0) numbers_[id] = next_++;
    return numbers_[id];
  }

  // -1 for what was not used.
  int32_t Of(int32_t id) const { return numbers_[id]; }

  // Values by new number.
  template <typename T>
  std::vector<T> Ordered(std::vector<T> values) const {
    std::vector<T> ordered(next_);
    for (size_t i = 0; i < values.size(); ++i) {
      if (numbers_[i] >= 0) ordered[numbers_[i]] = std::move(values[i]);
    }
    return ordered;
  }

 private:
  std::vector<int32_t> numbers_;
  int32_t next_ = 0;
};

// Operators that the output depends on, in order.
std::vector<Op> OpsOfOutput(const Graph& graph) {
  std::vector<bool> needed(graph.tensors.size(), false);
  needed[graph.output] = true;
  std::vector<Op> ops;
  for (auto op = graph.ops.rbegin(); op != graph.ops.rend(); ++op) {
    if (!needed[op->output]) continue;
    for (const TensorId id : arch::InputsOf(graph, *op)) needed[id] = true;
    ops.push_back(*op);
  }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

}  // namespace

void KeepInOrderOfUse(engine::QuantisedNetwork& network) {
  Graph& graph = network.graph;
  Numbers tensors(graph.tensors.size());
  Numbers weights(graph.weights.size());
  Numbers extras(graph.extras.size());
  graph.ops = OpsOfOutput(graph);
  graph.input = tensors.Use(graph.input);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    Op& op = graph.ops[i];
    for (const TensorId id : arch::InputsOf(graph, op)) tensors.Use(id);
    if (op.weight >= 0 && graph.weights[op.weight].role == arch::WeightRole::kImported) {
      graph.weights[op.weight].block = static_cast<int16_t>(i);
    }
    op.input = tensors.Use(op.input);
    op.second_input = tensors.Use(op.second_input);
    op.output = tensors.Use(op.output);
    op.weight = weights.Use(op.weight);
    op.extra = extras.Use(op.extra);
  }
  graph.output = tensors.Use(graph.output);

  graph.extras = extras.Ordered(std::move(graph.extras));
  for (arch::OpExtra& extra : graph.extras) {
    for (TensorId& id : extra.inputs) id = tensors.Of(id);
  }
  graph.weights = weights.Ordered(std::move(graph.weights));
  network.weights = weights.Ordered(std::move(network.weights));
  graph.tensors = tensors.Ordered(std::move(graph.tensors));
  network.tensors = tensors.Ordered(std::move(network.tensors));
  std::map<TensorId, std::vector<int8_t>> constants;
  for (auto& [id, levels] : network.constants) {
    if (tensors.Of(id) >= 0) constants[tensors.Of(id)] = std::move(levels);
  }
  network.constants = std::move(constants);
}

}  // namespace niwaki::interchange
