#include "libs/engine/quantise/scales/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/float_runner.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {
namespace {

using arch::TensorId;

// "the calibration data", or "the output of operator 3 (conv2d)".
std::string NameOf(const arch::Graph& graph, TensorId id) {
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (graph.ops[i].output != id) continue;
    return absl::StrCat("the output of ", OperatorName(graph, static_cast<int>(i)));
  }
  return "the calibration data";
}

// A sum is finite unless a value or the sum is not: the sum of a tensor's values in float range
// cannot leave the range of double.
bool AllFinite(absl::Span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return std::isfinite(sum);
}

// By block and tensor: the blocks are joined in order.
template <typename Part>
std::vector<std::vector<std::vector<Part>>> PartsFor(const arch::Graph& graph, int64_t blocks,
                                                     const Part& first) {
  std::vector<std::vector<Part>> parts;
  for (const arch::TensorShape& shape : graph.tensors) {
    parts.emplace_back(shape.channels, first);
  }
  return std::vector<std::vector<std::vector<Part>>>(blocks, parts);
}

void Widen(absl::Span<const float> values, std::vector<Range>& channels) {
  for (size_t i = 0; i < values.size(); i += channels.size()) {
    for (size_t c = 0; c < channels.size(); ++c) {
      channels[c].low = std::min(channels[c].low, values[i + c]);
      channels[c].high = std::max(channels[c].high, values[i + c]);
    }
  }
}

// Where a value was not finite: the first such tensor in the order of operators of the first block.
class NotFinite {
 public:
  explicit NotFinite(int64_t blocks) : first_(blocks, -1) {}

  // Of a block by one thread.
  void Check(int64_t block, TensorId id, absl::Span<const float> values) {
    if (first_[block] < 0 && !AllFinite(values)) first_[block] = id;
  }

  absl::Status Result(const arch::Graph& graph) const {
    for (const TensorId id : first_) {
      if (id < 0) continue;
      const std::string name = NameOf(graph, id);
      return Error(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite)
          .Field(name)
          .Limit("finite numbers")
          .Message(absl::StrCat(name, " holds a value that is not a finite number"));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<TensorId> first_;
};

}  // namespace

Range WholeRange(const std::vector<Range>& channels) {
  Range whole = channels[0];
  for (const Range& range : channels) {
    whole.low = std::min(whole.low, range.low);
    whole.high = std::max(whole.high, range.high);
  }
  return whole;
}

absl::StatusOr<ChannelRanges> ObserveRanges(const FloatNetwork& network, const Examples& examples,
                                            const Loop& loop) {
  NIWAKI_ASSIGN_OR_RETURN(const FloatProgram program, FloatProgram::Create(&network));
  constexpr Range kNothing = {INFINITY, -INFINITY};
  const int64_t blocks = BlocksOf(examples.count);
  auto parts = PartsFor(network.graph, blocks, kNothing);
  NotFinite not_finite(blocks);
  NIWAKI_RETURN_IF_ERROR(RunExamples(
      program, examples, loop, [&](int64_t block, TensorId id, absl::Span<const float> values) {
        Widen(values, parts[block][id]);
        not_finite.Check(block, id, values);
      }));
  NIWAKI_RETURN_IF_ERROR(not_finite.Result(network.graph));
  ChannelRanges ranges = std::move(parts[0]);
  for (int64_t block = 1; block < blocks; ++block) {
    for (size_t id = 0; id < ranges.size(); ++id) {
      for (size_t c = 0; c < ranges[id].size(); ++c) {
        const Range& part = parts[block][id][c];
        ranges[id][c] = {std::min(ranges[id][c].low, part.low),
                         std::max(ranges[id][c].high, part.high)};
      }
    }
  }
  // Tensors that nobody writes hold nothing.
  for (std::vector<Range>& channels : ranges) {
    for (Range& range : channels) {
      if (range.low > range.high) range = {};
    }
  }
  return ranges;
}

absl::StatusOr<Statistics> ObserveStatistics(const FloatNetwork& network,
                                             const std::vector<Range>& ranges,
                                             const Examples& examples, const Loop& loop) {
  NIWAKI_ASSIGN_OR_RETURN(const FloatProgram program, FloatProgram::Create(&network));
  Statistics statistics;
  for (const Range& range : ranges) statistics.histograms.emplace_back(range);
  const int64_t blocks = BlocksOf(examples.count);
  auto sums = PartsFor(network.graph, blocks, 0.0);
  absl::Mutex mutex;
  NIWAKI_RETURN_IF_ERROR(RunExamples(
      program, examples, loop, [&](int64_t block, TensorId id, absl::Span<const float> values) {
        std::vector<double>& channels = sums[block][id];
        for (size_t i = 0; i < values.size(); i += channels.size()) {
          for (size_t c = 0; c < channels.size(); ++c) channels[c] += values[i + c];
        }
        Histogram part(statistics.histograms[id].range());
        part.Add(values);
        // Counts are whole numbers: their order does not matter.
        const absl::MutexLock lock(&mutex);
        statistics.histograms[id].Add(part);
      }));
  statistics.means = std::move(sums[0]);
  for (size_t id = 0; id < statistics.means.size(); ++id) {
    const arch::TensorShape& shape = network.graph.tensors[id];
    const double values = static_cast<double>(examples.count) * shape.height * shape.width;
    for (int c = 0; c < shape.channels; ++c) {
      for (int64_t block = 1; block < blocks; ++block) {
        statistics.means[id][c] += sums[block][id][c];
      }
      statistics.means[id][c] /= values;
    }
  }
  return statistics;
}

}  // namespace niwaki::engine
