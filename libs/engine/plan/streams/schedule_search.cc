#include "libs/engine/plan/streams/schedule_search.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"

namespace niwaki::engine {

using arch::Graph;

int64_t ScheduleSearch::WholeBytes(int op) const {
  const arch::TensorId output = graph_->ops[op].output;
  const int64_t written = lifetimes_->overwrites[op] >= 0 ? 0 : lifetimes_->bytes[output];
  return streams_.AliveAt(op) + written + lifetimes_->scratch[op];
}

void ScheduleSearch::AddWhole(int op) {
  LeastOf(op, op + 1) = WholeBytes(op);
  const int index = static_cast<int>(choices_.size());
  choices_.push_back({RunMode::kWhole, op, op + 1, 1, WholeBytes(op), 0, {}});
  segments_.push_back({index, index + 1});
}

void ScheduleSearch::AddSegment(const SegmentScan& scan, int end_op, const SegmentMemory& memory,
                                int64_t limit_bytes) {
  const int first_op = scan.first_op();
  const int first = static_cast<int>(choices_.size());
  const auto price = [&](size_t rows) {
    return price_before_[end_op][rows] - price_before_[first_op][rows] + seam_price_[end_op - 1];
  };
  choices_.push_back(
      {RunMode::kRows, first_op, end_op, kRowsOfCalls[0], memory.bytes, price(0), memory.overlap});
  for (size_t i = 1; i < kRowsOfCalls.size(); ++i) {
    const int64_t less = price(i);
    if (less >= choices_.back().price) continue;
    // Of more rows it is no less.
    const SegmentMemory more = scan.MemoryOf(i, memory);
    if (more.bytes > limit_bytes) break;
    choices_.push_back(
        {RunMode::kRows, first_op, end_op, kRowsOfCalls[i], more.bytes, less, more.overlap});
  }
  segments_.push_back({first, static_cast<int>(choices_.size())});
}

void ScheduleSearch::AddRows(int end_op, int64_t limit_bytes) {
  const RowStreams::Ring& image = streams_.RingOf(graph_->input);
  const int last = end_op - 1;
  SegmentScan scan(streams_, end_op);
  const size_t operators = graph_->ops.size();
  int64_t* const least_to_end = &LeastOf(0, end_op);
  const int last_cut = last_cut_[end_op];
  const int64_t* const least_to_last_cut = &LeastOf(0, last_cut);
  while (scan.Extend()) {
    const int first_op = scan.first_op();
    if (scan.RingBytes() + fewest_alive_[first_op] > limit_bytes) break;
    // By two parts, cut where that costs nothing: behind the first such place, before the last.
    int64_t& least = least_to_end[first_op];
    const int next_cut = next_cut_[first_op];
    if (next_cut < end_op) {
      const int64_t first_part = least_[next_cut * operators + first_op];
      least = std::min(least, std::max(first_part, least_to_end[next_cut]));
    }
    if (last_cut > first_op) {
      least = std::min(least, std::max(least_to_last_cut[first_op], least_to_end[last_cut]));
    }
    // An operator by rows costs more than whole: never the same.
    const int64_t parts = first_op < last ? least : kNoLimit;
    if (scan.LeastBytes() > limit_bytes || scan.LeastBytes() >= parts) continue;
    if (first_op == 0 && streams_.ImageIsRing() && image.join >= end_op) continue;
    const SegmentMemory memory = scan.Memory();
    if (memory.bytes > limit_bytes || memory.bytes >= parts) continue;
    least = std::min(least, memory.bytes);
    AddSegment(scan, end_op, memory, limit_bytes);
  }
}

int64_t& ScheduleSearch::LeastOf(int first_op, int end_op) {
  return least_[static_cast<size_t>(end_op) * graph_->ops.size() + first_op];
}

void ScheduleSearch::FindFewestAlive() {
  fewest_alive_.clear();
  int64_t fewest = kNoLimit;
  for (size_t i = 0; i < graph_->ops.size(); ++i) {
    fewest = std::min(fewest, streams_.AliveAt(static_cast<int>(i)));
    fewest_alive_.push_back(fewest);
  }
}

void ScheduleSearch::FindPrices(const StreamPrices& prices) {
  const int operators = static_cast<int>(graph_->ops.size());
  price_before_.assign(1, {});
  whole_instructions_ = 0;
  seam_price_.clear();
  feeds_depthwise_.assign(graph_->tensors.size(), false);
  for (const arch::Op& op : graph_->ops) {
    if (op.kind == arch::OpKind::kDepthwiseConv2d) feeds_depthwise_[op.input] = true;
  }
  for (int i = 0; i < operators; ++i) {
    const arch::Op& op = graph_->ops[i];
    price_before_.push_back(price_before_.back());
    const int64_t whole = WholeInstructions(*graph_, op, prices);
    whole_instructions_ += whole;
    for (size_t rows = 0; streams_.IsStreamable(i) && rows < kRowsOfCalls.size(); ++rows) {
      price_before_.back()[rows] +=
          StreamingInstructions(*graph_, op, kRowsOfCalls[rows], whole, prices);
    }
    seam_price_.push_back(SeamInstructions(*graph_, op, feeds_depthwise_[op.output], prices));
  }
  next_cut_.assign(operators + 1, operators);
  last_cut_.assign(operators + 1, 0);
  for (int cut = operators - 1; cut > 0; --cut) {
    next_cut_[cut - 1] = seam_price_[cut - 1] == 0 ? cut : next_cut_[cut];
  }
  for (int cut = 1; cut < operators; ++cut) {
    last_cut_[cut + 1] = seam_price_[cut - 1] == 0 ? cut : last_cut_[cut];
  }
}

void ScheduleSearch::Prepare(const Graph& graph, const Lifetimes& lifetimes,
                             const PlanOptions& options, const StreamPrices& prices) {
  NIWAKI_CHECK(!graph.ops.empty());
  graph_ = &graph;
  lifetimes_ = &lifetimes;
  options_ = &options;
  streams_.Find(graph, lifetimes, options);
  const int operators = static_cast<int>(graph.ops.size());
  FindPrices(prices);
  int64_t whole = 0;
  for (int i = 0; i < operators; ++i) whole = std::max(whole, WholeBytes(i));
  if (options.input_by_rows) whole = kNoLimit;
  const int image_join = options.input_by_rows ? streams_.RingOf(graph.input).join : -1;
  FindFewestAlive();
  least_.assign(static_cast<size_t>(operators + 1) * operators, kNoLimit);
  choices_.clear();
  segments_.clear();
  for (int end_op = 1; end_op <= operators; ++end_op) {
    if (end_op - 1 > image_join) AddWhole(end_op - 1);
    AddRows(end_op, whole);
  }
}

int64_t ScheduleSearch::SmallestBytes() {
  best_bytes_.assign(graph_->ops.size() + 1, kNoLimit);
  best_bytes_[0] = 0;
  for (const Range& segment : segments_) {
    const SegmentChoice& choice = choices_[segment.first];
    const int64_t bytes = std::max(best_bytes_[choice.first_op], choice.bytes);
    best_bytes_[choice.end_op] = std::min(best_bytes_[choice.end_op], bytes);
  }
  return best_bytes_.back();
}

ScheduleChoice ScheduleSearch::Best(int64_t limit_bytes, int64_t more_rows_bytes, bool roomy) {
  const size_t size = graph_->ops.size() + 1;
  best_bytes_.assign(size, 0);
  best_sum_.assign(size, kNoLimit);
  best_choice_.assign(size, -1);
  best_sum_[0] = 0;
  for (const Range& segment : segments_) {
    const SegmentChoice& least = choices_[segment.first];
    if (least.bytes > limit_bytes || best_sum_[least.first_op] == kNoLimit) continue;
    int best = segment.end - 1;
    const int64_t limit = std::min(limit_bytes, more_rows_bytes);
    while (best > segment.first && choices_[best].bytes > limit) --best;
    const SegmentChoice& choice = choices_[best];
    const std::pair<int64_t, int64_t> found = {
        best_sum_[choice.first_op] +
            (roomy ? choice.bytes * (choice.end_op - choice.first_op) : choice.price),
        std::max(best_bytes_[choice.first_op], choice.bytes)};
    if (found >= std::pair(best_sum_[choice.end_op], best_bytes_[choice.end_op])) continue;
    best_sum_[choice.end_op] = found.first;
    best_bytes_[choice.end_op] = found.second;
    best_choice_[choice.end_op] = best;
  }
  ScheduleChoice result;
  if (best_choice_.back() < 0) return result;
  result.possible = true;
  result.bytes = best_bytes_.back();
  std::vector<int> way;
  for (int end = static_cast<int>(size) - 1; end > 0; end = choices_[way.back()].first_op) {
    way.push_back(best_choice_[end]);
  }
  for (auto i = way.rbegin(); i != way.rend(); ++i) {
    const SegmentChoice& choice = choices_[*i];
    result.price += choice.price;
    auto& segments = result.schedule.segments;
    if (choice.mode == RunMode::kWhole && !segments.empty() &&
        segments.back().mode == RunMode::kWhole) {
      segments.back().end_op = choice.end_op;
      continue;
    }
    segments.push_back({choice.mode, choice.first_op, choice.end_op, choice.rows_at_a_time});
    if (choice.mode == RunMode::kRows) result.rows.push_back(choice);
  }
  return result;
}

}  // namespace niwaki::engine
