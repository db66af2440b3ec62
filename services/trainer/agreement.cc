#include "services/trainer/agreement.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/examples.h"
#include "libs/engine/floats/float_runner.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/int8/float_subnet.h"
#include "libs/int8/score_int8.h"

namespace niwaki::trainer {
namespace {

// Images that one pair of runners answers.
constexpr int64_t kImagesOfARunner = 16;

// The first of the largest.
template <typename T>
int64_t AnswerOf(absl::Span<const T> outputs) {
  return std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
}

absl::Status CheckExamples(const engine::Examples& examples, const arch::TensorShape& shape) {
  if (examples.count == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("data")
        .Message("the data has no examples in the split");
  }
  if (examples.shape.channels == shape.channels) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kSupernetMismatch)
      .Field("channels")
      .Value(examples.shape.channels)
      .Limit(shape.channels)
      .Message(absl::StrCat("the data has ", examples.shape.channels, " channels, the network ",
                            shape.channels));
}

}  // namespace

absl::StatusOr<Agreement> CompareAnswers(const int8::QuantisedSubnet& subnet,
                                         const data::PreparedData& data, data::Split split,
                                         int64_t images, const data::ParallelOptions& parallel) {
  const engine::QuantisedNetwork& network = subnet.network;
  const arch::TensorShape& shape = network.graph.shape(network.graph.input);
  const engine::Examples examples =
      int8::ExamplesOf(data, split, images, {shape.height, shape.height, shape.width});
  NIWAKI_RETURN_IF_ERROR(CheckExamples(examples, shape));
  NIWAKI_ASSIGN_OR_RETURN(const engine::FloatProgram program,
                          engine::FloatProgram::Create(&subnet.floats));
  std::atomic<int64_t> alike{0};
  const auto compare = [&](int64_t begin, int64_t end) -> absl::Status {
    engine::FloatRunner floats(&program);
    NIWAKI_ASSIGN_OR_RETURN(engine::HostRunner int8, engine::HostRunner::Create(&network));
    std::vector<float> values(shape.elements());
    for (int64_t i = begin; i < end; ++i) {
      NIWAKI_RETURN_IF_ERROR(examples.read(i, absl::MakeSpan(values)));
      std::copy(values.begin(), values.end(), floats.input().begin());
      const int64_t expected = AnswerOf(floats.Run());
      NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> outputs,
                              int8.Run(int8::LevelsOf(values, network.tensors[int8.input()])));
      if (AnswerOf(outputs) == expected) ++alike;
    }
    return absl::OkStatus();
  };
  NIWAKI_RETURN_IF_ERROR(
      data::ParallelForRanges(examples.count, kImagesOfARunner, parallel, compare));
  Agreement agreement;
  agreement.images = examples.count;
  agreement.alike = alike;
  return agreement;
}

}  // namespace niwaki::trainer
