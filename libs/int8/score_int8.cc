#include "libs/int8/score_int8.h"

#include <algorithm>
#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/multiplier.h"
#include "libs/int8/float_subnet.h"

namespace niwaki::int8 {
namespace {

// Images that one runner scores.
constexpr int64_t kImagesOfARunner = 32;

// How many outputs are larger than that of `label`.
int RankOf(absl::Span<const int8_t> outputs, int label) {
  int rank = 0;
  for (int i = 0; i < static_cast<int>(outputs.size()); ++i) {
    if (outputs[i] > outputs[label] || (outputs[i] == outputs[label] && i < label)) ++rank;
  }
  return rank;
}

absl::Status CheckFits(const engine::QuantisedNetwork& network, const data::PreparedData& data,
                       int64_t images) {
  const auto invalid = [](absl::string_view field, int64_t value, int64_t limit) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kSupernetMismatch)
        .Field(field)
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat("the data has ", value, " ", field, ", the network ", limit));
  };
  const arch::Graph& graph = network.graph;
  const int channels = graph.shape(graph.input).channels;
  if (data.metadata().channels != channels) {
    return invalid("channels", data.metadata().channels, channels);
  }
  if (data.num_classes() != graph.shape(graph.output).elements()) {
    return invalid("classes", data.num_classes(), graph.shape(graph.output).elements());
  }
  if (images > 0) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
      .Field("data")
      .Message("the data has no examples in the split");
}

}  // namespace

std::vector<int8_t> LevelsOf(const std::vector<float>& values, const engine::Quantisation& q) {
  std::vector<int8_t> levels(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    levels[i] = static_cast<int8_t>(
        std::clamp(engine::LevelOf(values[i], q.scale, q.zero_point), -128, 127));
  }
  return levels;
}

absl::StatusOr<Int8Score> ScoreInt8(const engine::QuantisedNetwork& network,
                                    const data::PreparedData& data, data::Split split,
                                    int64_t images, const data::ParallelOptions& parallel) {
  const arch::TensorShape& shape = network.graph.shape(network.graph.input);
  const engine::Examples examples =
      ExamplesOf(data, split, images, {shape.height, shape.height, shape.width});
  NIWAKI_RETURN_IF_ERROR(CheckFits(network, data, examples.count));
  NIWAKI_RETURN_IF_ERROR(engine::HostRunner::Create(&network).status());
  std::atomic<int64_t> top1{0};
  std::atomic<int64_t> top5{0};
  const auto score = [&](int64_t begin, int64_t end) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(engine::HostRunner runner, engine::HostRunner::Create(&network));
    std::vector<float> values(shape.elements());
    for (int64_t i = begin; i < end; ++i) {
      NIWAKI_RETURN_IF_ERROR(examples.read(i, absl::MakeSpan(values)));
      NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> outputs,
                              runner.Run(LevelsOf(values, network.tensors[runner.input()])));
      const int rank = RankOf(outputs, data.label(split, i));
      if (rank < 1) ++top1;
      if (rank < 5) ++top5;
    }
    return absl::OkStatus();
  };
  NIWAKI_RETURN_IF_ERROR(
      data::ParallelForRanges(examples.count, kImagesOfARunner, parallel, score));
  const auto count = static_cast<double>(examples.count);
  return Int8Score{static_cast<double>(top1) / count, static_cast<double>(top5) / count,
                   examples.count};
}

}  // namespace niwaki::int8
