#include "libs/engine/floats/examples.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {}  // namespace

absl::Status OneByOne(int64_t n, const std::function<absl::Status(int64_t)>& body) {
  for (int64_t i = 0; i < n; ++i) NIWAKI_RETURN_IF_ERROR(body(i));
  return absl::OkStatus();
}

absl::Status CheckExamples(const Examples& examples, const arch::Graph& graph) {
  const arch::TensorShape& wanted = graph.shape(graph.input);
  const arch::TensorShape& shape = examples.shape;
  if (shape.height != wanted.height || shape.width != wanted.width ||
      shape.channels != wanted.channels) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("calibration shape")
        .Value(arch::ShapeText(shape))
        .Limit(arch::ShapeText(wanted))
        .Message(absl::StrCat("calibration examples are ", arch::ShapeText(shape),
                              ", the network reads ", arch::ShapeText(wanted),
                              " (height x width x channels)"));
  }
  if (examples.count < 1) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("calibration examples")
        .Value(examples.count)
        .Limit("at least 1")
        .Message("there are no calibration examples: ranges of activations cannot be known");
  }
  return absl::OkStatus();
}

}  // namespace niwaki::engine
