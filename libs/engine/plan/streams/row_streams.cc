#include "libs/engine/plan/streams/row_streams.h"

#include <algorithm>
#include <limits>

#include "libs/arch/operator_facts.h"
#include "libs/base/log.h"
#include "libs/engine/plan/dense_sides.h"
#include "libs/engine/plan/scratch.h"
#include "libs/kernels/convolution.h"

namespace niwaki::engine {

using arch::Graph;
using arch::Op;
using arch::RowNeed;
using arch::TensorId;

void RowStreams::Find(const Graph& graph, const Lifetimes& lifetimes, const PlanOptions& options) {
  graph_ = &graph;
  lifetimes_ = &lifetimes;
  options_ = &options;
  streamable_.clear();
  scratch_.clear();
  for (const Op& op : graph.ops) {
    const bool streams = CanStream(op);
    streamable_.push_back(streams);
    scratch_.emplace_back();
    if (!streams || !options.scratch) continue;
    for (size_t i = 0; i < kRowsOfCalls.size(); ++i) {
      const int64_t bytes = ScratchBytesOfRows(graph, op, kRowsOfCalls[i]);
      scratch_.back()[i] = lifetimes.Align(bytes, options);
    }
  }
  FindReaders();
  rings_.assign(graph.tensors.size(), {});
  progress_.assign(graph.ops.size(), {});
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (streamable_[i]) FindRing(graph.ops[i].output, static_cast<int>(i));
  }
  FindRing(graph.input, -1);
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    Ring& ring = rings_[t];
    ring.output = OutputInRing(static_cast<TensorId>(t));
    ring.bytes_held = ring.bytes;
    for (size_t i = 0; ring.output >= 0 && i < kRowsOfCalls.size(); ++i) {
      if (HasRoomForOutput(static_cast<TensorId>(t), kRowsOfCalls[i])) {
        ring.bytes_held[i] -= rings_[ring.output].bytes[i];
      }
    }
  }
  alive_.assign(graph.ops.size() + 1, 0);
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    if (lifetimes.root[t] != static_cast<TensorId>(t) || lifetimes.bytes[t] == 0) continue;
    const bool is_image = static_cast<TensorId>(t) == graph.input;
    if (is_image && options.input_by_rows) continue;
    const int begin = is_image ? 0 : lifetimes.first_op[t] + 1;
    for (int cut = begin; cut <= lifetimes.last_use[t]; ++cut) alive_[cut] += lifetimes.bytes[t];
  }
}

bool RowStreams::CanStream(const Op& op) const {
  const arch::OpFacts& facts = arch::FactsOf(op.kind);
  if (facts.rows != RowNeed::kSame && facts.rows != RowNeed::kWindow &&
      facts.rows != RowNeed::kPadded) {
    return false;
  }
  const DenseSides dense = DenseSidesOf(*graph_, op);
  if (dense.inputs || dense.output || op.input < 0) return false;
  return facts.rows != RowNeed::kSame ||
         graph_->shape(op.input).height == graph_->shape(op.output).height;
}

RowStreams::Edge RowStreams::EdgeOf(int reader, TensorId input) const {
  const Op& op = graph_->ops[reader];
  if (input != op.input && graph_->shape(input).height != graph_->shape(op.output).height) {
    return {reader, 0, 0, 0};
  }
  switch (arch::FactsOf(op.kind).rows) {
    case RowNeed::kSame:
      return {reader, 1, 1, 0};
    case RowNeed::kPadded:
      return {reader, 1, 1, op.padding.top};
    case RowNeed::kWindow:
      return {reader, op.kernel_h, op.stride_h, op.padding.top};
    default:
      return {reader, 0, 0, 0};
  }
}

void RowStreams::FindReaders() {
  readers_.resize(graph_->tensors.size());
  for (auto& readers : readers_) readers.clear();
  for (size_t i = 0; i < graph_->ops.size(); ++i) {
    const int index = static_cast<int>(i);
    for (const TensorId input : arch::InputsOf(*graph_, graph_->ops[i])) {
      auto& readers = readers_[input];
      if (readers.empty() || readers.back().reader != index) {
        readers.push_back(EdgeOf(index, input));
      }
    }
  }
}

void RowStreams::FindRing(TensorId tensor, int writer) {
  const auto& readers = readers_[tensor];
  Ring& ring = rings_[tensor];
  if (readers.empty() || tensor == graph_->output || lifetimes_->bytes[tensor] == 0) return;
  int join = readers.back().reader;
  const auto is_window = [&](const Edge& edge) {
    return edge.window > 0 && streamable_[edge.reader];
  };
  if (!std::all_of(readers.begin(), readers.end(), is_window)) return;
  const arch::TensorShape& shape = graph_->shape(tensor);
  const auto finish = [&](int64_t rows, int64_t rows_more) {
    ring.rows = static_cast<int>(std::clamp<int64_t>(rows, 1, shape.height));
    ring.rows_more = static_cast<int>(std::min<int64_t>(rows_more, shape.height));
    ring.join = join;
    const int64_t row_bytes = int64_t{shape.width} * shape.channels * options_->element_bytes;
    for (size_t i = 0; i < kRowsOfCalls.size(); ++i) {
      ring.bytes[i] = lifetimes_->Align(RowsOf(tensor, kRowsOfCalls[i]) * row_bytes, *options_);
    }
  };
  if (readers.size() == 1) return finish(readers[0].window, readers[0].stride);
  // Where all that is made of the tensor has been read.
  std::fill(progress_.begin() + writer + 1, progress_.end(), Progress());
  const int first = readers[0].reader;
  for (const Edge& edge : readers) progress_[edge.reader].stride = -1;
  for (int i = first; i < join; ++i) {
    if (progress_[i].stride == 0) continue;
    const auto& next = readers_[graph_->ops[i].output];
    if (graph_->ops[i].output == graph_->output || next.empty()) return;
    for (const Edge& edge : next) {
      if (!is_window(edge)) return;
      progress_[edge.reader].stride = -1;
      join = std::max(join, edge.reader);
    }
  }
  progress_[join] = {1, 1};
  for (int i = join - 1; i >= first; --i) {
    if (progress_[i].stride == 0) continue;
    Progress most = {std::numeric_limits<int64_t>::min(), 0};
    for (const Edge& edge : readers_[graph_->ops[i].output]) {
      const Progress& later = progress_[edge.reader];
      const int64_t done = edge.stride * (later.done - 1) - edge.padding + edge.window;
      if (done > most.done) most = {done, edge.stride * later.stride};
    }
    progress_[i] = most;
  }
  // Further rows of the join move the end, not the beginning: that is of when the call begins.
  int64_t end = std::numeric_limits<int64_t>::min();
  int64_t begin = std::numeric_limits<int64_t>::max();
  int64_t rows_more = 0;
  for (const Edge& edge : readers) {
    const Progress& reader = progress_[edge.reader];
    end = std::max(end, edge.stride * (reader.done - 1) - edge.padding + edge.window);
    begin = std::min(begin, edge.stride * (reader.done - reader.stride) - edge.padding);
    rows_more = std::max(rows_more, edge.stride * reader.stride);
  }
  finish(end - begin, rows_more);
}

TensorId RowStreams::OutputInRing(TensorId tensor) const {
  const auto& readers = readers_[tensor];
  if (tensor == graph_->input || rings_[tensor].rows == 0 || readers.size() != 1) return -1;
  const Op& op = graph_->ops[readers[0].reader];
  if (!options_->in_place_depthwise || op.input != tensor ||
      arch::FactsOf(op.kind).in_place != arch::InPlace::kByChannel ||
      op.kernel_h > NW_DEPTHWISE_LINES) {
    return -1;
  }
  const arch::TensorShape& in = graph_->shape(tensor);
  const arch::TensorShape& out = graph_->shape(op.output);
  // Rows of outputs fill the ring's rows.
  if (in.channels != out.channels || in.width % out.width != 0) return -1;
  const auto& next = readers_[op.output];
  const bool row_by_row = next.size() == 1 && next[0].window == 1 && next[0].stride == 1 &&
                          next[0].padding == 0 && rings_[op.output].rows > 0;
  return row_by_row ? op.output : -1;
}

bool RowStreams::HoldsOutput(TensorId tensor, int end_op, int rows_of_call) const {
  const Ring& ring = rings_[tensor];
  return ring.output >= 0 && rings_[ring.output].join < end_op &&
         HasRoomForOutput(tensor, rows_of_call);
}

bool RowStreams::HasRoomForOutput(TensorId tensor, int rows_of_call) const {
  const Edge& edge = readers_[tensor][0];
  return edge.window + (rows_of_call - 1) * edge.stride <= graph_->shape(tensor).height;
}

int RowStreams::RowsOf(TensorId tensor, int rows_of_call) const {
  const Ring& ring = rings_[tensor];
  return std::min(ring.rows + (rows_of_call - 1) * ring.rows_more, graph_->shape(tensor).height);
}

SegmentScan::SegmentScan(const RowStreams& streams, int end_op)
    : streams_(streams), end_op_(end_op), first_op_(end_op) {}

SegmentScan::Flow SegmentScan::FlowOf(int op) const {
  const TensorId output = streams_.graph().ops[op].output;
  const int64_t height = streams_.graph().shape(output).height;
  if (op == end_op_ - 1) return {1, 1, height};
  // Nobody in the segment: it runs at the end.
  Flow flow = {0, 0, height};
  bool asked = false;
  for (const RowStreams::Edge& edge : streams_.readers_[output]) {
    if (edge.reader >= end_op_) continue;
    const Flow& later = flows_[end_op_ - 1 - edge.reader];
    const int64_t more = edge.window - edge.padding;
    const Flow of = {edge.stride * later.stride, edge.stride * (later.first - 1) + more,
                     std::min(height, edge.stride * (later.most - 1) + more)};
    // Of two, the one that asks for more; a lower bound at the edges.
    if (!asked || of.first > flow.first) flow = of;
    asked = true;
  }
  return flow;
}

bool SegmentScan::AddRing(TensorId tensor) {
  const RowStreams::Ring& ring = streams_.RingOf(tensor);
  if (ring.rows == 0 || ring.join >= end_op_) return false;
  const bool holds = ring.output >= 0 && streams_.RingOf(ring.output).join < end_op_;
  const ByRows<int64_t>& bytes = holds ? ring.bytes_held : ring.bytes;
  for (size_t i = 0; i < bytes.size(); ++i) ring_bytes_[i] += bytes[i];
  return true;
}

bool SegmentScan::Extend() {
  const int op = first_op_ - 1;
  if (op < 0 || !streams_.IsStreamable(op)) return false;
  const Graph& graph = streams_.graph();
  const Lifetimes& lifetimes = streams_.lifetimes();
  const TensorId output = graph.ops[op].output;
  if (lifetimes.last_use[lifetimes.root[output]] >= end_op_ || op == end_op_ - 1) {
    outputs_bytes_ += lifetimes.bytes[output];
    has_tail_ |= op != end_op_ - 1;
    // All of its rows must be there before one can be read: only its own segment's can wait.
    for (const RowStreams::Edge& edge : streams_.readers_[output]) {
      if (edge.reader < end_op_ && edge.window == 0) return false;
    }
  } else if (!AddRing(output)) {
    return false;
  }
  first_op_ = op;
  const ByRows<int64_t>& scratch = streams_.ScratchOf(op);
  // More rows need no less.
  if (scratch.back() <= scratch_bytes_[0]) return true;
  for (size_t i = 0; i < scratch.size(); ++i) {
    scratch_bytes_[i] = std::max(scratch_bytes_[i], scratch[i]);
  }
  return true;
}

// Of the operators that came since the last time.
void SegmentScan::CatchUp() {
  const Graph& graph = streams_.graph();
  for (int op = end_op_ - 1 - static_cast<int>(flows_.size()); op >= first_op_; --op) {
    flows_.push_back(FlowOf(op));
    const TensorId output = graph.ops[op].output;
    inputs_.erase(std::remove(inputs_.begin(), inputs_.end(), output), inputs_.end());
    if (graph.ops[op].extra >= 0) {
      for (const TensorId input : arch::InputsOf(graph, graph.ops[op])) AddInput(input);
      continue;
    }
    AddInput(graph.ops[op].input);
    if (graph.ops[op].second_input >= 0) AddInput(graph.ops[op].second_input);
  }
}

void SegmentScan::AddInput(TensorId input) {
  if (std::find(inputs_.begin(), inputs_.end(), input) == inputs_.end()) inputs_.push_back(input);
}

int64_t SegmentScan::ShiftFor(const RowStreams::Edge& edge, TensorId input, int rows_of_call,
                              bool in_place) const {
  const Graph& graph = streams_.graph();
  const arch::TensorShape& in = graph.shape(input);
  const arch::TensorShape& out = graph.shape(graph.ops[end_op_ - 1].output);
  const int64_t in_row = int64_t{in.width} * in.channels;
  const int64_t out_row = int64_t{out.width} * out.channels;
  NIWAKI_CHECK(edge.reader >= first_op_ && edge.reader < end_op_);
  Flow flow = flows_[end_op_ - 1 - edge.reader];
  // The last operator still reads what it needs for all rows of a call when it writes any of them.
  if (edge.reader == end_op_ - 1 && !in_place) flow.first = 1 - rows_of_call;
  // Rows of the input that nobody needs once row r of the output is written.
  const auto free_rows = [&](int64_t r) -> int64_t {
    const int64_t done = std::clamp<int64_t>(flow.stride * r + flow.first, 0, flow.most);
    if (done >= flow.most && !has_tail_) return in.height;
    return std::clamp<int64_t>(edge.stride * done - edge.padding, 0, in.height);
  };
  const int64_t last = out.height - 1;
  int64_t shift = 0;
  const auto look_at = [&](int64_t r) {
    r = std::clamp<int64_t>(r, 0, last);
    shift = std::max(shift, (r + 1) * out_row - free_rows(r) * in_row);
  };
  look_at(last);
  if (flow.stride > 0) {
    // Rising where no rows are free yet, linear up to where the reader is done, then rising.
    const int64_t a = int64_t{edge.stride} * flow.stride;
    const int64_t b = edge.padding - edge.stride * flow.first;
    const int64_t begin = b > 0 ? b / a : 0;
    const int64_t done = (flow.most - flow.first) / flow.stride;
    for (const int64_t r : {begin, begin + 1, done - 1, done}) look_at(r);
  }
  return shift;
}

int64_t SegmentScan::ShiftOf(TensorId input, int rows_of_call, bool in_place) const {
  int64_t shift = 0;
  for (const RowStreams::Edge& edge : streams_.readers_[input]) {
    // What ran before the segment has read it.
    if (edge.reader < first_op_) continue;
    if (edge.window == 0) return std::numeric_limits<int64_t>::max() / 2;
    shift = std::max(shift, ShiftFor(edge, input, rows_of_call, in_place));
  }
  return shift;
}

Overlap SegmentScan::OverlapOf(TensorId input, int rows_of_call) const {
  const Graph& graph = streams_.graph();
  const Lifetimes& lifetimes = streams_.lifetimes();
  const Op& last = graph.ops[end_op_ - 1];
  const int64_t out_bytes = lifetimes.bytes[last.output];
  if (arch::FactsOf(last.kind).in_place == arch::InPlace::kElementwise &&
      graph.shape(input).elements() == graph.shape(last.output).elements() &&
      (input == last.input || input == last.second_input) && ShiftOf(input, 1, true) == 0) {
    return {input, last.output, 0, /*in_place=*/true, out_bytes};
  }
  const int64_t shift = lifetimes.Align(ShiftOf(input, rows_of_call, false), *streams_.options_);
  if (shift >= out_bytes) return {};
  return {input, last.output, shift, /*in_place=*/false, out_bytes - shift};
}

bool SegmentScan::TakesImageAsRing() const { return first_op_ == 0 && streams_.ImageIsRing(); }

// Nothing over anything else.
int64_t SegmentScan::BytesApart(size_t rows) const {
  const int64_t bytes =
      outputs_bytes_ + streams_.AliveAt(first_op_) + ring_bytes_[rows] + scratch_bytes_[rows];
  if (!TakesImageAsRing()) return bytes;
  return bytes + streams_.RingOf(streams_.graph().input).bytes[rows];
}

SegmentMemory SegmentScan::Memory() {
  CatchUp();
  const Graph& graph = streams_.graph();
  const Lifetimes& lifetimes = streams_.lifetimes();
  SegmentMemory memory;
  memory.bytes = BytesApart(0);
  const TensorId output = graph.ops[end_op_ - 1].output;
  const bool lives_on = lifetimes.bytes[output] > 0 && lifetimes.root[output] == output;
  if (!lives_on) return memory;
  for (const TensorId input : inputs_) {
    const bool ends = lifetimes.root[input] == input && lifetimes.last_use[input] < end_op_ &&
                      lifetimes.last_use[input] == lifetimes.last_op[input];
    if (!ends || lifetimes.bytes[input] == 0) continue;
    if (input == graph.input && TakesImageAsRing()) continue;
    const Overlap overlap = OverlapOf(input, 1);
    if (overlap.input >= 0 && overlap.saved_bytes > memory.overlap.saved_bytes) {
      memory.overlap = overlap;
    }
  }
  memory.bytes -= memory.overlap.saved_bytes;
  return memory;
}

SegmentMemory SegmentScan::MemoryOf(size_t rows, const SegmentMemory& memory) const {
  SegmentMemory of = {BytesApart(rows), memory.overlap};
  const Op& last = streams_.graph().ops[end_op_ - 1];
  const TensorId input = memory.overlap.input;
  // Where others read the input, it is read no later than where calls are of one row.
  if (input >= 0 && !memory.overlap.in_place) {
    bool reads = last.input == input || last.second_input == input;
    if (last.extra >= 0) {
      const auto inputs = arch::InputsOf(streams_.graph(), last);
      reads = std::find(inputs.begin(), inputs.end(), input) != inputs.end();
    }
    if (reads) {
      of.overlap = OverlapOf(input, kRowsOfCalls[rows]);
    }
  }
  of.bytes -= of.overlap.saved_bytes;
  return of;
}

bool InputByRowsIsPossible(const Graph& graph) {
  if (graph.ops.empty()) return false;
  Lifetimes lifetimes;
  PlanOptions options;
  options.input_by_rows = true;
  lifetimes.Find(graph, options);
  RowStreams streams;
  streams.Find(graph, lifetimes, options);
  const RowStreams::Ring& ring = streams.RingOf(graph.input);
  if (ring.rows == 0) return false;
  for (int op = 0; op <= ring.join; ++op) {
    if (!streams.IsStreamable(op)) return false;
  }
  return true;
}

}  // namespace niwaki::engine
