#include "libs/engine/plan/memory_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"

namespace niwaki::engine {

using arch::Graph;
using arch::TensorId;

namespace {

// Placements tried from one order, where operators stream, and where much is enough.
constexpr int kTurns = 12;
constexpr int kFewTurns = 2;

}  // namespace

const MemoryPlan& Planner::Plan(const Graph& graph) {
  own_lifetimes_.Find(graph, options_);
  return Plan(graph, own_lifetimes_);
}

const MemoryPlan& Planner::Plan(const Graph& graph, const Lifetimes& lifetimes) {
  NIWAKI_CHECK(!graph.ops.empty());
  turns_ = 1;
  enough_bytes_ = 0;
  StartPlan(graph, lifetimes);
  PlaceItems(graph);
  return plan_;
}

const MemoryPlan& Planner::Plan(const RowStreams& streams, const ScheduleChoice& choice,
                                int64_t enough_bytes) {
  const Graph& graph = streams.graph();
  turns_ = choice.rows.empty() ? 1 : enough_bytes > 0 ? kFewTurns : kTurns;
  enough_bytes_ = std::max(enough_bytes, choice.bytes);
  for (const bool everywhere : {false, true}) {
    StartPlan(graph, streams.lifetimes());
    for (SegmentChoice segment : choice.rows) {
      const int64_t apart = segment.bytes + segment.overlap.saved_bytes;
      if (!everywhere && apart <= choice.bytes) segment.overlap = {};
      ApplySegment(streams, segment);
    }
    PlaceItems(graph);
    if (plan_.arena_bytes <= enough_bytes_) return plan_;
    if (!everywhere) {
      other_plan_ = plan_;
    } else if (other_plan_.arena_bytes <= plan_.arena_bytes) {
      std::swap(plan_, other_plan_);
    }
  }
  return plan_;
}

void Planner::StartPlan(const Graph& graph, const Lifetimes& lifetimes) {
  lifetimes_ = &lifetimes;
  plan_.tensors.assign(graph.tensors.size(), {});
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    TensorPlacement& place = plan_.tensors[t];
    place.size_bytes = lifetimes.bytes[t];
    place.first_op = lifetimes.first_op[t];
    place.last_op = lifetimes.last_op[t];
  }
  plan_.overwrites = lifetimes.overwrites;
  plan_.scratch.assign(graph.ops.size(), {});
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const int index = static_cast<int>(i);
    if (lifetimes.scratch[i] > 0) plan_.scratch[i] = {0, lifetimes.scratch[i], index, index};
  }
  last_use_ = lifetimes.last_use;
  overlaps_.assign(graph.ops.size(), {});
  segment_of_.assign(graph.ops.size(), -1);
}

// Everything of a segment by rows is there from its first operator to its last.
void Planner::ApplySegment(const RowStreams& streams, const SegmentChoice& segment) {
  const Graph& graph = streams.graph();
  const int last = segment.end_op - 1;
  // Among kRowsOfCalls.
  const size_t rows = std::find(kRowsOfCalls.begin(), kRowsOfCalls.end(), segment.rows_at_a_time) -
                      kRowsOfCalls.begin();
  NIWAKI_CHECK(rows < kRowsOfCalls.size());
  const auto make_ring = [&](TensorId tensor) {
    plan_.tensors[tensor].ring_rows = streams.RowsOf(tensor, segment.rows_at_a_time);
    plan_.tensors[tensor].size_bytes = streams.RingOf(tensor).bytes[rows];
  };
  const auto ends_here = [&](TensorId root) { return lifetimes_->last_use[root] <= last; };
  for (int op = segment.first_op; op <= last; ++op) {
    segment_of_[op] = segment.first_op;
    plan_.overwrites[op] = -1;
    const int64_t scratch = streams.ScratchOf(op)[rows];
    plan_.scratch[op] = scratch > 0 ? TensorPlacement{0, scratch, op, op} : TensorPlacement();
    for (const TensorId input : arch::InputsOf(graph, graph.ops[op])) {
      if (!ends_here(lifetimes_->root[input])) continue;
      last_use_[lifetimes_->root[input]] = last;
      plan_.tensors[input].last_op = last;
    }
    const TensorId output = graph.ops[op].output;
    plan_.tensors[output].first_op = segment.first_op;
    if (op < last && ends_here(lifetimes_->root[output])) make_ring(output);
  }
  if (segment.first_op == 0 && streams.ImageIsRing()) make_ring(graph.input);
  for (int op = segment.first_op; op < last; ++op) {
    const TensorId input = graph.ops[op].input;
    TensorPlacement& output = plan_.tensors[graph.ops[op].output];
    const bool is_ring = input >= 0 && plan_.tensors[input].ring_rows > 0;
    if (!is_ring || streams.RingOf(input).output != graph.ops[op].output ||
        !streams.HoldsOutput(input, segment.end_op, segment.rows_at_a_time))
      continue;
    plan_.overwrites[op] = input;
    const TensorPlacement& ring = plan_.tensors[input];
    output.ring_rows =
        ring.ring_rows * graph.shape(input).width / graph.shape(graph.ops[op].output).width;
    output.size_bytes = ring.size_bytes;
  }
  overlaps_[last] = segment.overlap;
  if (segment.overlap.input >= 0 && segment.overlap.in_place) {
    plan_.overwrites[last] = segment.overlap.input;
  }
}

void Planner::PlaceItems(const Graph& graph) {
  MakeItems(graph);
  FindLowerBound(graph.ops.size());
  SortBySize();
  plan_.arena_bytes = std::numeric_limits<int64_t>::max();
  for (const Order order : {Order::kSize, Order::kPressure, Order::kTime, Order::kReverseTime}) {
    SortItems(order);
    for (const bool best_fit : {false, true}) {
      for (int turn = 0; turn < turns_; ++turn) {
        const int64_t arena = PlaceAll(graph.ops.size(), best_fit);
        if (arena < plan_.arena_bytes) {
          plan_.arena_bytes = arena;
          best_offsets_.clear();
          for (const Item& item : items_) best_offsets_.push_back(item.offset);
        }
        if (arena == plan_.lower_bound_bytes || arena <= enough_bytes_) {
          WriteOffsets(graph);
          return;
        }
        if (!PutHighestFirst()) break;
      }
    }
  }
  WriteOffsets(graph);
}

// The item that reaches furthest up, or too far, is placed before all others the next time. False
// where it was.
bool Planner::PutHighestFirst() {
  const auto highest = std::find(order_.begin(), order_.end(), highest_);
  if (highest == order_.begin()) return false;
  std::rotate(order_.begin(), highest, highest + 1);
  return true;
}

void Planner::StartItem(int first_op, int last_op, int64_t size) {
  items_.push_back(
      {static_cast<int>(pieces_.size()), 1, size, first_op, last_op, /*pressure=*/0, 0, {}});
  pieces_.push_back({first_op, last_op, 0, size});
}

// `item` must be the last one started or its pieces the last ones; chains are built one at a time.
void Planner::ContinueItem(Item& item, int last_op, int64_t begin, int64_t size) {
  Piece& last = pieces_.back();
  if (last.size == size && last.begin == begin) {
    last.last_op = last_op;
  } else {
    pieces_.push_back({item.last_op + 1, last_op, begin, size});
    ++item.num_pieces;
  }
  item.last_op = last_op;
}

// Where the tensor ends under the output of a segment, that output, which begins at `begin` then;
// else -1.
TensorId Planner::FollowOverlap(TensorId id, int item, int64_t& begin) {
  const int end = last_use_[id];
  const Overlap& overlap = overlaps_[end];
  if (overlap.input != id) return -1;
  const TensorId next = overlap.output;
  const int64_t size =
      std::max(plan_.tensors[id].size_bytes + overlap.shift_bytes, plan_.tensors[next].size_bytes);
  begin -= overlap.shift_bytes;
  Piece& last = pieces_.back();
  const int first_op = segment_of_[end];
  if (last.first_op >= first_op) {
    last.begin = begin;
    last.size = size;
  } else {
    last.last_op = first_op - 1;
    pieces_.push_back({first_op, end, begin, size});
    ++items_[item].num_pieces;
  }
  return next;
}

// Follows the tensors that are written over each other, from the first one of a chain.
void Planner::StartChain(const Graph& graph, TensorId id) {
  const int item = static_cast<int>(items_.size());
  StartItem(plan_.tensors[id].first_op, last_use_[id], plan_.tensors[id].size_bytes);
  uint8_t wishes = 0;
  int64_t begin = 0;
  for (;;) {
    item_of_tensor_[id] = item;
    place_in_item_[id] = begin;
    wishes |= lifetimes_->layout_wishes[id];
    const int end = last_use_[id];
    TensorId next = FollowOverlap(id, item, begin);
    if (next >= 0) {
      wishes |= kStaysInterleaved;
    } else {
      const TensorId over = plan_.overwrites[end];
      if (over < 0 || lifetimes_->root[over] != id) break;
      next = graph.ops[end].output;
      if (lifetimes_->root[next] == id) break;
    }
    if (last_use_[next] > end) {
      ContinueItem(items_[item], last_use_[next], begin, plan_.tensors[next].size_bytes);
    }
    id = next;
  }
  if (wishes == kBesideDepthwise) items_[item].layout = Layout::kPlanar;
  FinishChain(item);
}

// An item begins where its lowest piece does.
void Planner::FinishChain(int item) {
  Item& chain = items_[item];
  const auto pieces = pieces_.begin() + chain.first_piece;
  int64_t lowest = 0;
  for (auto piece = pieces; piece != pieces_.end(); ++piece) {
    lowest = std::min(lowest, piece->begin);
  }
  chain.size = 0;
  for (auto piece = pieces; piece != pieces_.end(); ++piece) {
    piece->begin -= lowest;
    chain.size = std::max(chain.size, piece->begin + piece->size);
  }
  if (lowest == 0) return;
  for (size_t t = 0; t < item_of_tensor_.size(); ++t) {
    if (item_of_tensor_[t] == item) place_in_item_[t] -= lowest;
  }
}

void Planner::MakeItems(const Graph& graph) {
  pieces_.clear();
  items_.clear();
  item_of_tensor_.assign(graph.tensors.size(), -1);
  place_in_item_.assign(graph.tensors.size(), 0);
  item_of_scratch_.assign(graph.ops.size(), -1);
  StartChain(graph, graph.input);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const TensorId output = graph.ops[i].output;
    if (plan_.overwrites[i] < 0 && overlaps_[i].output != output) StartChain(graph, output);
    const int64_t scratch = plan_.scratch[i].size_bytes;
    if (scratch == 0) continue;
    const int index = static_cast<int>(i);
    item_of_scratch_[i] = static_cast<int>(items_.size());
    StartItem(index, index, scratch);
  }
  // What lies in a ring is there as long as the ring.
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const TensorId ring = plan_.overwrites[i];
    if (ring < 0 || plan_.tensors[ring].ring_rows == 0) continue;
    item_of_tensor_[graph.ops[i].output] = item_of_tensor_[ring];
    place_in_item_[graph.ops[i].output] = place_in_item_[ring];
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

void Planner::SortBySize() {
  sorted_.clear();
  for (size_t i = 0; i < items_.size(); ++i) {
    sorted_.push_back({items_[i].size, static_cast<int>(i), static_cast<int>(i)});
  }
  SortByKeys();
  by_size_ = order_;
}

// The larger first, of what is equal besides.
void Planner::SortItems(Order order) {
  if (order == Order::kSize) {
    order_ = by_size_;
    return;
  }
  sorted_.clear();
  for (size_t rank = 0; rank < by_size_.size(); ++rank) {
    const Item& item = items_[by_size_[rank]];
    const int64_t key = order == Order::kPressure ? item.pressure
                        : order == Order::kTime   ? -int64_t{item.first_op}
                                                  : item.last_op;
    sorted_.push_back({key, static_cast<int>(rank), by_size_[rank]});
  }
  SortByKeys();
}

void Planner::SortByKeys() {
  std::sort(sorted_.begin(), sorted_.end(), [](const Sorted& a, const Sorted& b) {
    return a.key != b.key ? a.key > b.key : a.rank < b.rank;
  });
  order_.clear();
  for (const Sorted& sorted : sorted_) order_.push_back(sorted.item);
}

int64_t Planner::PlaceAll(size_t num_ops, bool best_fit) {
  placed_.assign(num_ops, {});
  if (alive_.size() < num_ops * items_.size()) {
    alive_.resize(num_ops * items_.size());
    begins_.resize(num_ops * items_.size());
  }
  int64_t arena = 0;
  for (const int index : order_) {
    Item& item = items_[index];
    item.offset = FindOffset(item, best_fit);
    if (item.offset + item.size > arena) {
      arena = item.offset + item.size;
      highest_ = index;
      // No better than what is known.
      if (arena >= plan_.arena_bytes) return arena;
    }
    for (int p = item.first_piece; p < item.first_piece + item.num_pieces; ++p) Occupy(item, p);
  }
  return arena;
}

void Planner::Occupy(const Item& item, int piece_index) {
  const Piece& piece = pieces_[piece_index];
  const int64_t begin = item.offset + piece.begin;
  const int64_t end = begin + piece.size;
  const auto put = [&](std::vector<Range>& ranges, int op, int& count) {
    Range& range = ranges[op * items_.size() + count];
    range.begin = begin;
    range.end = end;
    ++count;
  };
  put(begins_, piece.first_op, placed_[piece.first_op].begins);
  for (int op = piece.first_op; op <= piece.last_op; ++op) put(alive_, op, placed_[op].alive);
}

// Offsets that `item` cannot have, because one of its pieces would then meet a placed piece.
void Planner::CollectForbidden(const Item& item) {
  num_forbidden_ = 0;
  for (int p = item.first_piece; p < item.first_piece + item.num_pieces; ++p) {
    const Piece& piece = pieces_[p];
    const auto add = [&](const std::vector<Range>& ranges, int op, int count) {
      if (forbidden_.size() < num_forbidden_ + count)
        forbidden_.resize(2 * (num_forbidden_ + count));
      const Range* there = ranges.data() + op * items_.size();
      Range* range = forbidden_.data() + num_forbidden_;
      for (int i = 0; i < count; ++i) {
        range[i].begin = there[i].begin - piece.begin - piece.size + 1;
        range[i].end = there[i].end - piece.begin;
      }
      num_forbidden_ += count;
    };
    add(alive_, piece.first_op, placed_[piece.first_op].alive);
    for (int op = piece.first_op + 1; op <= piece.last_op; ++op) {
      if (placed_[op].begins > 0) add(begins_, op, placed_[op].begins);
    }
  }
  std::sort(forbidden_.begin(), forbidden_.begin() + num_forbidden_,
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
}

int64_t Planner::FindOffset(const Item& item, bool best_fit) {
  CollectForbidden(item);
  int64_t candidate = 0;
  int64_t best = -1;
  int64_t best_slack = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < num_forbidden_; ++i) {
    const Range& range = forbidden_[i];
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
    const TensorId root = lifetimes_->root[t];
    const int item = item_of_tensor_[root];
    if (item < 0) continue;
    plan_.tensors[t].offset_bytes = best_offsets_[item] + place_in_item_[root];
    plan_.tensors[t].layout = items_[item].layout;
  }
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (item_of_scratch_[i] >= 0)
      plan_.scratch[i].offset_bytes = best_offsets_[item_of_scratch_[i]];
  }
}

RingTurn TurnOfRing(const Graph& graph, const MemoryPlan& plan, TensorId tensor) {
  if (plan.tensors[tensor].ring_rows == 0) return {};
  const auto writer = std::find_if(graph.ops.begin(), graph.ops.end(),
                                   [&](const arch::Op& op) { return op.output == tensor; });
  if (writer == graph.ops.end()) return {};
  const TensorId under = plan.overwrites[writer - graph.ops.begin()];
  if (under < 0 || under >= static_cast<TensorId>(graph.tensors.size())) return {};
  if (arch::FactsOf(writer->kind).in_place != arch::InPlace::kByChannel) return {};
  // Rows of the output in a row of the input.
  const int rows = graph.shape(under).width / graph.shape(tensor).width;
  return {rows * writer->stride_h - 1, plan.tensors[tensor].ring_rows - rows * writer->padding.top};
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
