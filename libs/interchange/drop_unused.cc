#include "libs/interchange/drop_unused.h"

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

// Numbers things that stay from 0 on; -1 for those that go.
std::vector<int32_t> NewNumbers(const std::vector<bool>& stays) {
  std::vector<int32_t> numbers(stays.size(), -1);
  int32_t next = 0;
  for (size_t i = 0; i < stays.size(); ++i) {
    if (stays[i]) numbers[i] = next++;
  }
  return numbers;
}

template <typename T>
void Keep(const std::vector<int32_t>& numbers, std::vector<T>& values) {
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (numbers[i] < 0) continue;
    if (kept != i) values[kept] = std::move(values[i]);
    ++kept;
  }
  values.resize(kept);
}

void Renumber(const std::vector<int32_t>& numbers, int32_t& id) {
  if (id >= 0) id = numbers[id];
}

}  // namespace

void DropUnused(engine::QuantisedNetwork& network) {
  Graph& graph = network.graph;
  std::vector<bool> tensors(graph.tensors.size(), false);
  std::vector<bool> ops(graph.ops.size(), false);
  std::vector<bool> weights(graph.weights.size(), false);
  std::vector<bool> extras(graph.extras.size(), false);
  tensors[graph.input] = true;
  tensors[graph.output] = true;
  for (size_t i = graph.ops.size(); i-- > 0;) {
    const Op& op = graph.ops[i];
    if (!tensors[op.output]) continue;
    ops[i] = true;
    for (const TensorId id : arch::InputsOf(graph, op)) tensors[id] = true;
    if (op.weight >= 0) weights[op.weight] = true;
    if (op.extra >= 0) extras[op.extra] = true;
  }

  const std::vector<int32_t> new_tensors = NewNumbers(tensors);
  const std::vector<int32_t> new_weights = NewNumbers(weights);
  const std::vector<int32_t> new_extras = NewNumbers(extras);
  Keep(NewNumbers(ops), graph.ops);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    Op& op = graph.ops[i];
    if (op.weight >= 0 && graph.weights[op.weight].role == arch::WeightRole::kImported) {
      graph.weights[op.weight].block = static_cast<int16_t>(i);
    }
    Renumber(new_tensors, op.input);
    Renumber(new_tensors, op.second_input);
    Renumber(new_tensors, op.output);
    Renumber(new_weights, op.weight);
    Renumber(new_extras, op.extra);
  }
  for (arch::OpExtra& extra : graph.extras) {
    for (TensorId& id : extra.inputs) id = new_tensors[id];
  }
  Keep(new_extras, graph.extras);
  Keep(new_weights, graph.weights);
  Keep(new_weights, network.weights);
  Keep(new_tensors, graph.tensors);
  Keep(new_tensors, network.tensors);
  Renumber(new_tensors, graph.input);
  Renumber(new_tensors, graph.output);
  std::map<TensorId, std::vector<int8_t>> constants;
  for (auto& [id, levels] : network.constants) {
    if (new_tensors[id] >= 0) constants[new_tensors[id]] = std::move(levels);
  }
  network.constants = std::move(constants);
}

}  // namespace niwaki::interchange
