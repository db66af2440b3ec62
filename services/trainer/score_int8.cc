#include "services/trainer/score_int8.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/multiplier.h"
#include "services/trainer/float_subnet.h"

namespace niwaki::trainer {
namespace {

// Images that one runner scores.
constexpr int64_t kImagesPerItem = 32;

struct Hits {
  int64_t top1 = 0;
  int64_t top5 = 0;
};

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
  const int64_t items = (examples.count + kImagesPerItem - 1) / kImagesPerItem;
  std::vector<Hits> hits(items);
  data::ParallelOptions options = parallel;
  if (parallel.progress) {
    options.progress = [&](int64_t done, int64_t) {
      parallel.progress(std::min(done * kImagesPerItem, examples.count), examples.count);
    };
  }
  NIWAKI_RETURN_IF_ERROR(data::ParallelFor(items, options, [&](int64_t item) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(engine::HostRunner runner, engine::HostRunner::Create(&network));
    std::vector<float> values(shape.elements());
    const int64_t end = std::min(examples.count, (item + 1) * kImagesPerItem);
    for (int64_t i = item * kImagesPerItem; i < end; ++i) {
      NIWAKI_RETURN_IF_ERROR(examples.read(i, absl::MakeSpan(values)));
      NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> outputs,
                              runner.Run(LevelsOf(values, network.tensors[runner.input()])));
      const int rank = RankOf(outputs, data.label(split, i));
      hits[item].top1 += rank < 1 ? 1 : 0;
      hits[item].top5 += rank < 5 ? 1 : 0;
    }
    return absl::OkStatus();
  }));
  Hits total;
  for (const Hits& item : hits) {
    total.top1 += item.top1;
    total.top5 += item.top5;
  }
  const double count = static_cast<double>(examples.count);
  return Int8Score{total.top1 / count, total.top5 / count, examples.count};
}

}  // namespace niwaki::trainer
