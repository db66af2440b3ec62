#include "libs/engine/plan/lifetimes.h"

#include <algorithm>

#include "libs/arch/operator_facts.h"
#include "libs/engine/plan/dense_sides.h"
#include "libs/engine/plan/scratch.h"

namespace niwaki::engine {

using arch::Graph;
using arch::InPlace;
using arch::Op;
using arch::TensorId;

namespace {

void NoteLayoutWishes(const Graph& graph, const Op& op, std::vector<uint8_t>& wishes) {
  if (arch::FactsOf(op.kind).in_place == InPlace::kByChannel) {
    wishes[op.input] |= kBesideDepthwise;
    wishes[op.output] |= kBesideDepthwise;
  }
  const DenseSides dense = DenseSidesOf(graph, op);
  if (dense.output) wishes[op.output] |= kStaysInterleaved;
  if (dense.inputs) wishes[op.input] |= kStaysInterleaved;
}

}  // namespace

void Lifetimes::Find(const Graph& graph, const PlanOptions& options) {
  FindUses(graph, options);
  FindOverwrites(graph, options);
  scratch.clear();
  for (const Op& op : graph.ops) {
    scratch.push_back(options.scratch ? Align(ScratchBytes(graph, op), options) : 0);
  }
}

void Lifetimes::FindUses(const Graph& graph, const PlanOptions& options) {
  // What nobody writes, a constant, has no size here.
  bytes.assign(graph.tensors.size(), 0);
  first_op.assign(graph.tensors.size(), 0);
  last_op.assign(graph.tensors.size(), 0);
  layout_wishes.assign(graph.tensors.size(), 0);
  const auto size = [&](TensorId id) {
    return Align(graph.tensors[id].elements() * options.element_bytes, options);
  };
  bytes[graph.input] = size(graph.input);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const int index = static_cast<int>(i);
    first_op[op.output] = index;
    last_op[op.output] = index;
    // Floats stay with the caller.
    bytes[op.output] = op.kind == arch::OpKind::kDequantize ? 0 : size(op.output);
    if (op.kind == arch::OpKind::kQuantize) bytes[op.input] = 0;
    if (op.input >= 0) last_op[op.input] = index;
    if (op.second_input >= 0) last_op[op.second_input] = index;
    NoteLayoutWishes(graph, op, layout_wishes);
    if (op.extra < 0) continue;
    for (const TensorId input : graph.extras[op.extra].inputs) last_op[input] = index;
  }
  layout_wishes[graph.input] |= kStaysInterleaved;
  layout_wishes[graph.output] |= kStaysInterleaved;
  last_op[graph.output] = static_cast<int>(graph.ops.size()) - 1;
}

bool Lifetimes::ReshapesInPlace(const Op& op) const {
  // Constants are not in the arena: theirs is a copy.
  return op.kind == arch::OpKind::kReshape && bytes[op.input] > 0 &&
         bytes[op.input] == bytes[op.output];
}

TensorId Lifetimes::Overwritten(const Graph& graph, const Op& op, int index,
                                const PlanOptions& options) const {
  const InPlace in_place = arch::FactsOf(op.kind).in_place;
  if (in_place == InPlace::kNever) return -1;
  const arch::TensorShape& out = graph.shape(op.output);
  const auto free = [&](TensorId id) {
    return id >= 0 && last_use[root[id]] == index && bytes[id] > 0;
  };
  if (in_place == InPlace::kByChannel) {
    const arch::TensorShape& in = graph.shape(op.input);
    const bool fits = in.channels == out.channels && in.elements() >= out.elements();
    return options.in_place_depthwise && fits && free(op.input) ? op.input : -1;
  }
  if (!options.in_place_add) return -1;
  // An operand that is broadcast is read again.
  const auto alike = [&](TensorId id) {
    return free(id) && graph.shape(id).elements() == out.elements();
  };
  if (alike(op.input)) return op.input;
  return alike(op.second_input) ? op.second_input : -1;
}

void Lifetimes::FindOverwrites(const Graph& graph, const PlanOptions& options) {
  overwrites.clear();
  root.resize(graph.tensors.size());
  last_use.resize(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    root[t] = static_cast<TensorId>(t);
    last_use[t] = last_op[t];
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (ReshapesInPlace(op)) {
      const TensorId first = root[op.input];
      root[op.output] = first;
      last_use[first] = std::max(last_use[first], last_op[op.output]);
      overwrites.push_back(op.input);
      continue;
    }
    overwrites.push_back(Overwritten(graph, op, static_cast<int>(i), options));
  }
}

}  // namespace niwaki::engine
