#include "libs/engine/plan/memory_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"
#include "libs/engine/plan/dense_sides.h"
#include "libs/engine/plan/scratch.h"

namespace niwaki::engine {

using arch::Graph;
using arch::InPlace;
using arch::Op;
using arch::TensorId;

namespace {

constexpr uint8_t kReadByDepthwise = 1;
constexpr uint8_t kStaysInterleaved = 2;

}  // namespace

int64_t Planner::Align(int64_t bytes) const {
  return (bytes + options_.alignment - 1) & ~int64_t{options_.alignment - 1};
}

const MemoryPlan& Planner::Plan(const Graph& graph) {
  NIWAKI_CHECK(!graph.ops.empty());
  FindLifetimes(graph);
  FindOverwrites(graph);
  MakeItems(graph);
  FindLowerBound(graph.ops.size());

  plan_.arena_bytes = std::numeric_limits<int64_t>::max();
  for (const Order order : {Order::kSize, Order::kPressure, Order::kTime, Order::kReverseTime}) {
    SortItems(order);
    for (const bool best_fit : {false, true}) {
      const int64_t arena = PlaceAll(graph.ops.size(), best_fit);
      if (arena >= plan_.arena_bytes) continue;
      plan_.arena_bytes = arena;
      best_offsets_.clear();
      for (const Item& item : items_) best_offsets_.push_back(item.offset);
      if (arena == plan_.lower_bound_bytes) {
        WriteOffsets(graph);
        return plan_;
      }
    }
  }
  WriteOffsets(graph);
  return plan_;
}

void Planner::FindLifetimes(const Graph& graph) {
  // What nobody writes, a constant, has no size here.
  plan_.tensors.assign(graph.tensors.size(), {});
  layout_wishes_.assign(graph.tensors.size(), 0);
  const auto bytes = [&](TensorId id) {
    return Align(graph.tensors[id].elements() * options_.element_bytes);
  };
  plan_.tensors[graph.input].size_bytes = bytes(graph.input);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    const int index = static_cast<int>(i);
    plan_.tensors[op.output].first_op = index;
    plan_.tensors[op.output].last_op = index;
    // Floats stay with the caller.
    const bool dequantises = op.kind == arch::OpKind::kDequantize;
    plan_.tensors[op.output].size_bytes = dequantises ? 0 : bytes(op.output);
    if (op.kind == arch::OpKind::kQuantize) plan_.tensors[op.input].size_bytes = 0;
    if (op.input >= 0) plan_.tensors[op.input].last_op = index;
    if (op.second_input >= 0) plan_.tensors[op.second_input].last_op = index;
    NoteLayoutWishes(graph, op);
    if (op.extra < 0) continue;
    for (const TensorId input : graph.extras[op.extra].inputs) {
      plan_.tensors[input].last_op = index;
    }
  }
  layout_wishes_[graph.input] |= kStaysInterleaved;
  layout_wishes_[graph.output] |= kStaysInterleaved;
  plan_.tensors[graph.output].last_op = static_cast<int>(graph.ops.size()) - 1;
}

void Planner::NoteLayoutWishes(const Graph& graph, const Op& op) {
  if (arch::FactsOf(op.kind).in_place == InPlace::kByChannel) {
    layout_wishes_[op.input] |= kReadByDepthwise;
  }
  const DenseSides dense = DenseSidesOf(graph, op);
  if (dense.output) layout_wishes_[op.output] |= kStaysInterleaved;
  if (dense.inputs) layout_wishes_[op.input] |= kStaysInterleaved;
}

bool Planner::ReshapesInPlace(const Op& op) const {
  // Constants are not in the arena: theirs is a copy.
  return op.kind == arch::OpKind::kReshape && plan_.tensors[op.input].size_bytes > 0 &&
         plan_.tensors[op.input].size_bytes == plan_.tensors[op.output].size_bytes;
}

TensorId Planner::Overwritten(const Graph& graph, const Op& op, int index) const {
  const InPlace in_place = arch::FactsOf(op.kind).in_place;
  if (in_place == InPlace::kNever) return -1;
  const arch::TensorShape& out = graph.shape(op.output);
  const auto free = [&](TensorId id) {
    return id >= 0 && last_use_[root_[id]] == index && plan_.tensors[id].size_bytes > 0;
  };
  if (in_place == InPlace::kByChannel) {
    const arch::TensorShape& in = graph.shape(op.input);
    const bool fits = in.channels == out.channels && in.elements() >= out.elements();
    return options_.in_place_depthwise && fits && free(op.input) ? op.input : -1;
  }
  if (!options_.in_place_add) return -1;
  // An operand that is broadcast is read again.
  const auto alike = [&](TensorId id) {
    return free(id) && graph.shape(id).elements() == out.elements();
  };
  if (alike(op.input)) return op.input;
  return alike(op.second_input) ? op.second_input : -1;
}

void Planner::FindOverwrites(const Graph& graph) {
  plan_.overwrites.clear();
  root_.resize(graph.tensors.size());
  last_use_.resize(graph.tensors.size());
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    root_[t] = static_cast<TensorId>(t);
    last_use_[t] = plan_.tensors[t].last_op;
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    if (ReshapesInPlace(op)) {
      const TensorId root = root_[op.input];
      root_[op.output] = root;
      last_use_[root] = std::max(last_use_[root], plan_.tensors[op.output].last_op);
      plan_.overwrites.push_back(op.input);
      continue;
    }
    plan_.overwrites.push_back(Overwritten(graph, op, static_cast<int>(i)));
  }
}

void Planner::StartItem(int first_op, int last_op, int64_t size) {
  items_.push_back(
      {static_cast<int>(pieces_.size()), 1, size, first_op, last_op, /*pressure=*/0, 0, {}});
  pieces_.push_back({first_op, last_op, size});
}

// `item` must be the last one started or its pieces the last ones; chains are built one at a time.
void Planner::ContinueItem(Item& item, int last_op, int64_t size) {
  Piece& last = pieces_.back();
  if (last.size == size) {
    last.last_op = last_op;
  } else {
    pieces_.push_back({item.last_op + 1, last_op, size});
    ++item.num_pieces;
  }
  item.last_op = last_op;
}

// Follows the tensors that are written over each other, from the first one of a chain.
void Planner::StartChain(const Graph& graph, TensorId id) {
  const int item = static_cast<int>(items_.size());
  StartItem(plan_.tensors[id].first_op, last_use_[id], plan_.tensors[id].size_bytes);
  uint8_t wishes = 0;
  for (;;) {
    item_of_tensor_[id] = item;
    wishes |= layout_wishes_[id];
    const int end = last_use_[id];
    const TensorId over = plan_.overwrites[end];
    if (over < 0 || root_[over] != id) break;
    const TensorId next = graph.ops[end].output;
    if (root_[next] == id) break;
    if (last_use_[next] > end)
      ContinueItem(items_[item], last_use_[next], plan_.tensors[next].size_bytes);
    id = next;
  }
  if (wishes == kReadByDepthwise) items_[item].layout = Layout::kPlanar;
}

void Planner::MakeItems(const Graph& graph) {
  pieces_.clear();
  items_.clear();
  item_of_tensor_.assign(graph.tensors.size(), -1);
  item_of_scratch_.assign(graph.ops.size(), -1);
  plan_.scratch.assign(graph.ops.size(), {});
  StartChain(graph, graph.input);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (plan_.overwrites[i] < 0) StartChain(graph, graph.ops[i].output);
    const int64_t scratch = options_.scratch ? Align(ScratchBytes(graph, graph.ops[i])) : 0;
    if (scratch == 0) continue;
    const int index = static_cast<int>(i);
    plan_.scratch[i] = {0, scratch, index, index};
    item_of_scratch_[i] = static_cast<int>(items_.size());
    StartItem(index, index, scratch);
  }
}

void Planner::FindLowerBound(size_t num_ops) {
  live_bytes_.assign(num_ops, 0);
  for (const Piece& piece : pieces_) {
    for (int op = piece.first_op; op <= piece.last_op; ++op) live_bytes_[op] += piece.size;
  }
  const auto peak = std::max_element(live_bytes_.begin(), live_bytes_.end());
  plan_.lower_bound_bytes = *peak;
  plan_.peak_op = static_cast<int>(peak - live_bytes_.begin());
  for (Item& item : items_) {
    item.pressure = *std::max_element(live_bytes_.begin() + item.first_op,
                                      live_bytes_.begin() + item.last_op + 1);
  }
}

void Planner::SortItems(Order order) {
  order_.resize(items_.size());
  for (size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<int>(i);
  std::sort(order_.begin(), order_.end(), [&](int a, int b) {
    const Item& x = items_[a];
    const Item& y = items_[b];
    if (order == Order::kPressure && x.pressure != y.pressure) return x.pressure > y.pressure;
    if (order == Order::kTime && x.first_op != y.first_op) return x.first_op < y.first_op;
    if (order == Order::kReverseTime && x.last_op != y.last_op) return x.last_op > y.last_op;
    if (x.size != y.size) return x.size > y.size;
    return a < b;
  });
}

int64_t Planner::PlaceAll(size_t num_ops, bool best_fit) {
  if (placed_at_.size() < num_ops) placed_at_.resize(num_ops);
  for (std::vector<int>& placed : placed_at_) placed.clear();
  int64_t arena = 0;
  for (const int index : order_) {
    Item& item = items_[index];
    item.offset = FindOffset(item, best_fit);
    arena = std::max(arena, item.offset + item.size);
    for (int op = item.first_op; op <= item.last_op; ++op) placed_at_[op].push_back(index);
  }
  return arena;
}

// Offsets that `item` cannot have, because one of its pieces would then meet a placed piece.
void Planner::CollectForbidden(const Item& item) {
  forbidden_.clear();
  for (int p = 0; p < item.num_pieces; ++p) {
    const Piece& piece = pieces_[item.first_piece + p];
    for (int op = piece.first_op; op <= piece.last_op; ++op) {
      for (const int other_index : placed_at_[op]) {
        const Item& other = items_[other_index];
        const Piece* there = &pieces_[other.first_piece];
        while (there->last_op < op) ++there;
        // Once for each pair of pieces is enough.
        if (op != std::max(piece.first_op, there->first_op)) continue;
        forbidden_.push_back({other.offset - piece.size + 1, other.offset + there->size});
      }
    }
  }
  std::sort(forbidden_.begin(), forbidden_.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
}

int64_t Planner::FindOffset(const Item& item, bool best_fit) {
  CollectForbidden(item);
  int64_t candidate = 0;
  int64_t best = -1;
  int64_t best_slack = std::numeric_limits<int64_t>::max();
  for (const Range& range : forbidden_) {
    if (range.begin > candidate) {
      if (!best_fit) return candidate;
      const int64_t slack = range.begin - candidate;
      if (slack < best_slack) {
        best_slack = slack;
        best = candidate;
      }
    }
    candidate = std::max(candidate, range.end);
  }
  return best >= 0 ? best : candidate;
}

void Planner::WriteOffsets(const Graph& graph) {
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const int item = item_of_tensor_[root_[t]];
    if (item < 0) continue;
    plan_.tensors[t].offset_bytes = best_offsets_[item];
    plan_.tensors[t].layout = items_[item].layout;
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (item_of_scratch_[i] >= 0)
      plan_.scratch[i].offset_bytes = best_offsets_[item_of_scratch_[i]];
  }
}

int64_t LiveBytes(const MemoryPlan& plan, int index) {
  std::vector<std::pair<int64_t, int64_t>> live;
  const auto add = [&](const TensorPlacement& place) {
    if (place.first_op > index || index > place.last_op) return;
    live.emplace_back(place.offset_bytes, place.offset_bytes + place.size_bytes);
  };
  for (const TensorPlacement& tensor : plan.tensors) add(tensor);
  add(plan.scratch[index]);
  std::sort(live.begin(), live.end());
  int64_t bytes = 0;
  int64_t end = 0;
  for (const auto& [first, last] : live) {
    bytes += std::max<int64_t>(0, last - std::max(first, end));
    end = std::max(end, last);
  }
  return bytes;
}

MemoryPlan PlanMemory(const Graph& graph, const PlanOptions& options) {
  return Planner(options).Plan(graph);
}

}  // namespace niwaki::engine
