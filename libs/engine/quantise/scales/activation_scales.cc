#include "libs/engine/quantise/scales/activation_scales.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/engine/quantise/scales/histogram.h"

namespace niwaki::engine {
namespace {

using arch::Graph;
using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;

// Whether input and output have one scale.
bool KeepsScale(const Op& op) {
  switch (op.kind) {
    case OpKind::kMaxPool:
    case OpKind::kAvgPool:
    case OpKind::kGlobalAvgPool:
    case OpKind::kConcat:
    case OpKind::kReshape:
      return true;
    default:
      return false;
  }
}

// Tensors by the scale that they share.
class Groups {
 public:
  explicit Groups(const Graph& graph) : leaders_(graph.tensors.size()) {
    std::iota(leaders_.begin(), leaders_.end(), 0);
    for (const Op& op : graph.ops) {
      if (!KeepsScale(op)) continue;
      for (const TensorId id : InputsOf(graph, op)) leaders_[LeaderOf(id)] = LeaderOf(op.output);
    }
  }

  TensorId LeaderOf(TensorId id) const {
    while (leaders_[id] != id) id = leaders_[id];
    return id;
  }

 private:
  std::vector<TensorId> leaders_;
};

Range ChosenRange(const Histogram& histogram, const QuantiseOptions& options) {
  switch (options.ranges) {
    case RangeMethod::kMinMax:
      return histogram.range();
    case RangeMethod::kPercentile:
      return histogram.Percentile(options.percentile);
    case RangeMethod::kLeastSquares:
      return histogram.LeastSquares();
  }
  return histogram.range();
}

Range Hull(const Range& a, const Range& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

}  // namespace

std::optional<Quantisation> FixedOutput(const Op& op) {
  constexpr Quantisation kUnit = {1.0F / 256, -128};
  if (op.kind == OpKind::kSoftmax) return kUnit;
  if (op.kind != OpKind::kActivation) return std::nullopt;
  if (op.activation == OpActivation::kLogistic) return kUnit;
  if (op.activation == OpActivation::kHardSigmoid) return kUnit;
  return std::nullopt;
}

std::vector<Range> UsefulRanges(const Graph& graph, const ChannelRanges& ranges) {
  std::vector<Range> useful;
  for (const std::vector<Range>& channels : ranges) useful.push_back(WholeRange(channels));
  std::vector<int> readers(graph.tensors.size(), 0);
  ++readers[graph.output];
  for (const Op& op : graph.ops) {
    for (const TensorId id : InputsOf(graph, op)) ++readers[id];
  }
  for (const Op& op : graph.ops) {
    if (op.kind != OpKind::kActivation || readers[op.input] != 1) continue;
    constexpr float kEnd = 3;
    Range& range = useful[op.input];
    const bool gate = op.activation == OpActivation::kHardSigmoid;
    if (gate || op.activation == OpActivation::kHardSwish) range.low = std::max(range.low, -kEnd);
    if (gate) range.high = std::min(range.high, kEnd);
    // All on the flat side.
    range.high = std::max(range.high, range.low);
  }
  return useful;
}

absl::StatusOr<std::vector<Quantisation>> ActivationScales(const Graph& graph,
                                                           const Statistics& statistics,
                                                           const QuantiseOptions& options) {
  const size_t tensors = graph.tensors.size();
  const Groups groups(graph);
  std::vector<std::optional<Range>> ranges(tensors);
  std::vector<std::optional<Quantisation>> fixed(tensors);
  const auto include = [&](TensorId id, const Range& range) {
    std::optional<Range>& group = ranges[groups.LeaderOf(id)];
    group = group.has_value() ? Hull(*group, range) : range;
  };
  include(graph.input, statistics.histograms[graph.input].range());
  for (const Op& op : graph.ops) {
    if (const auto quantisation = FixedOutput(op)) {
      fixed[groups.LeaderOf(op.output)] = quantisation;
    } else if (!KeepsScale(op)) {
      // What keeps a scale holds nothing that its inputs do not.
      const Histogram& histogram = statistics.histograms[op.output];
      include(op.output,
              op.output == graph.output ? histogram.range() : ChosenRange(histogram, options));
    }
  }
  std::vector<Quantisation> scales(tensors);
  for (size_t id = 0; id < tensors; ++id) {
    const TensorId leader = groups.LeaderOf(static_cast<TensorId>(id));
    if (fixed[leader].has_value() && ranges[leader].has_value()) {
      return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
          .Field(absl::StrCat("tensor ", id))
          .Message(absl::StrCat("tensor ", id,
                                " must have the scale of a softmax or gate and that of another "
                                "tensor: a concatenation of the two is not quantised"));
    }
    scales[id] = fixed[leader].has_value() ? *fixed[leader]
                                           : QuantisationOf(ranges[leader].value_or(Range()));
  }
  return scales;
}

}  // namespace niwaki::engine
