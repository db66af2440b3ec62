#include "libs/engine/floats/float_network.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/graph_check.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;

bool Same(const TensorShape& a, const TensorShape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

class Validator : GraphCheck {
 public:
  explicit Validator(const FloatNetwork& network)
      : GraphCheck(network.graph), network_(network), graph_(network.graph) {}

  absl::Status Run() {
    if (network_.weights.size() != graph_.weights.size()) {
      return Invalid("weights", network_.weights.size(), absl::StrCat(graph_.weights.size()),
                     "every weight has values");
    }
    if (!(network_.batch_norm_eps >= 0) || !std::isfinite(network_.batch_norm_eps)) {
      return Invalid("batch_norm_eps", network_.batch_norm_eps, "a finite number, at least 0",
                     "batch norm needs it");
    }
    NIWAKI_RETURN_IF_ERROR(CheckTensor("input", graph_.input));
    NIWAKI_RETURN_IF_ERROR(CheckTensor("output", graph_.output));
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      NIWAKI_RETURN_IF_ERROR(CheckOperator(static_cast<int>(i)));
    }
    SetName("");
    return CheckEnd();
  }

 private:
  absl::Status CheckOperator(int index) {
    const Op& op = graph_.ops[index];
    const bool weighted = op.weight >= 0 && op.weight < static_cast<int>(graph_.weights.size());
    SetName(absl::StrCat(OperatorName(graph_, index), weighted ? " " : "",
                         weighted ? arch::WeightName(graph_.weights[op.weight]) : "", ": "));
    for (const TensorId id : InputsOf(graph_, op)) {
      NIWAKI_RETURN_IF_ERROR(CheckTensor("input", id));
      NIWAKI_RETURN_IF_ERROR(CheckRead(id));
    }
    NIWAKI_RETURN_IF_ERROR(CheckTensor("output", op.output));
    NIWAKI_RETURN_IF_ERROR(CheckWrite(op.output));
    MarkWritten(op.output);
    NIWAKI_RETURN_IF_ERROR(CheckShapes(op));
    return HasWeights(op) ? CheckWeight(op) : absl::OkStatus();
  }

  absl::Status CheckOutput(const Op& op, const TensorShape& wanted) const {
    const TensorShape& shape = graph_.shape(op.output);
    if (Same(shape, wanted)) return absl::OkStatus();
    return Invalid("output", arch::ShapeText(shape), arch::ShapeText(wanted),
                   "the output's shape follows from the input's");
  }

  absl::Status CheckWindow(const Op& op, int channels) const {
    TensorShape wanted = arch::WindowOutput(graph_.shape(op.input), op);
    wanted.channels = channels;
    return CheckOutput(op, wanted);
  }

  absl::Status CheckShapes(const Op& op) const {
    const TensorShape in = op.input < 0 ? TensorShape() : graph_.shape(op.input);
    const int out_channels = graph_.shape(op.output).channels;
    switch (op.kind) {
      case OpKind::kConv2d:
        return CheckWindow(op, out_channels);
      case OpKind::kDepthwiseConv2d:
      case OpKind::kMaxPool:
      case OpKind::kAvgPool:
        return CheckWindow(op, in.channels);
      case OpKind::kLinear:
        return CheckOutput(op, {1, 1, out_channels});
      case OpKind::kGlobalAvgPool:
        return CheckOutput(op, {1, 1, in.channels});
      case OpKind::kActivation:
      case OpKind::kSoftmax:
        return CheckOutput(op, in);
      case OpKind::kAdd:
      case OpKind::kMul:
        return CheckBinary(op);
      case OpKind::kReshape:
        if (graph_.shape(op.output).elements() == in.elements()) return absl::OkStatus();
        return CheckOutput(op, in);
      case OpKind::kConcat:
        return CheckConcat(op);
      default:
        return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
            .Field("operator")
            .Value(arch::OpKindName(op.kind))
            .Message(absl::StrCat(name(), "only networks that are int8 already may have it"));
    }
  }

  absl::Status CheckBinary(const Op& op) const {
    const TensorShape& first = graph_.shape(op.input);
    const TensorShape& second = graph_.shape(op.second_input);
    if (!Same(second, first) && !Same(second, {1, 1, first.channels})) {
      return Invalid("second input", arch::ShapeText(second),
                     absl::StrCat(arch::ShapeText(first), " or 1x1x", first.channels),
                     "operands are of one shape");
    }
    return CheckOutput(op, first);
  }

  absl::Status CheckConcat(const Op& op) const {
    if (op.extra < 0 || graph_.extras[op.extra].inputs.empty()) {
      return Invalid("inputs", 0, "at least 1", "the operator reads nothing");
    }
    const std::vector<TensorId>& inputs = graph_.extras[op.extra].inputs;
    TensorShape wanted = graph_.shape(inputs[0]);
    wanted.channels = 0;
    for (const TensorId id : inputs) {
      TensorShape shape = graph_.shape(id);
      wanted.channels += shape.channels;
      shape.channels = wanted.channels;
      if (!Same(shape, wanted)) return CheckOutput(op, shape);
    }
    return CheckOutput(op, wanted);
  }

  absl::Status CheckPart(absl::string_view part, const std::vector<float>& values, int64_t size,
                         bool may_be_negative = true) const {
    if (static_cast<int64_t>(values.size()) != size) {
      return Invalid(part, values.empty() ? "missing" : absl::StrCat(values.size(), " values"),
                     absl::StrCat(size, " values"), "weights are as many as the shapes say");
    }
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string field = absl::StrCat(part, "[", i, "]");
      if (!std::isfinite(values[i])) {
        return Invalid(field, values[i], "a finite number", "a weight is not a number");
      }
      if (!may_be_negative && values[i] < 0) {
        return Invalid(field, values[i], "at least 0", "a variance is not negative");
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckWeight(const Op& op) const {
    if (op.weight < 0 || op.weight >= static_cast<int>(network_.weights.size())) {
      return Invalid("weight", op.weight, absl::StrCat("0 to ", network_.weights.size() - 1),
                     "the operator needs weights");
    }
    const FloatWeight& weight = network_.weights[op.weight];
    int64_t values = 1;
    for (const int64_t size : arch::WeightShape(graph_, op)) values *= size;
    if (op.kind == OpKind::kLinear) {
      values = graph_.shape(op.input).elements() * OutputChannels(graph_, op);
    }
    const int channels = OutputChannels(graph_, op);
    NIWAKI_RETURN_IF_ERROR(CheckPart("weight", weight.values, values));
    NIWAKI_RETURN_IF_ERROR(CheckPart("bias", weight.bias, op.bias ? channels : 0));
    const int norm = op.batch_norm ? channels : 0;
    NIWAKI_RETURN_IF_ERROR(CheckPart("bn.weight", weight.norm_scale, norm));
    NIWAKI_RETURN_IF_ERROR(CheckPart("bn.bias", weight.norm_shift, norm));
    NIWAKI_RETURN_IF_ERROR(CheckPart("bn.running_mean", weight.norm_mean, norm));
    return CheckPart("bn.running_var", weight.norm_variance, norm, /*may_be_negative=*/false);
  }

  const FloatNetwork& network_;
  const arch::Graph& graph_;
};

}  // namespace

bool HasWeights(const Op& op) { return arch::FactsOf(op.kind).weight != arch::WeightForm::kNone; }

int OutputChannels(const arch::Graph& graph, const Op& op) {
  return graph.shape(op.output).channels;
}

absl::Status Validate(const FloatNetwork& network) { return Validator(network).Run(); }

}  // namespace niwaki::engine
