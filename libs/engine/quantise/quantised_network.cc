#include "libs/engine/quantise/quantised_network.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/graph_check.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;

class Validator : GraphCheck {
 public:
  explicit Validator(const QuantisedNetwork& network)
      : GraphCheck(network.graph), network_(network), graph_(network.graph) {}

  absl::Status Run() {
    if (network_.tensors.size() != graph_.tensors.size()) {
      return Invalid("tensors", network_.tensors.size(), absl::StrCat(graph_.tensors.size()),
                     "every tensor has a scale");
    }
    if (network_.weights.size() != graph_.weights.size()) {
      return Invalid("weights", network_.weights.size(), absl::StrCat(graph_.weights.size()),
                     "every weight has values");
    }
    NIWAKI_RETURN_IF_ERROR(CheckScaled("input", graph_.input));
    NIWAKI_RETURN_IF_ERROR(CheckScaled("output", graph_.output));
    for (const auto& [id, values] : network_.constants) {
      NIWAKI_RETURN_IF_ERROR(CheckScaled("constant", id));
      if (static_cast<int64_t>(values.size()) != graph_.shape(id).elements()) {
        return Invalid("constant", values.size(), absl::StrCat(graph_.shape(id).elements()),
                       "a constant has as many values as its shape says");
      }
      MarkWritten(id);
    }
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      SetName(absl::StrCat(OperatorName(graph_, static_cast<int>(i)), ": "));
      NIWAKI_RETURN_IF_ERROR(CheckOperator(graph_.ops[i]));
      MarkWritten(graph_.ops[i].output);
    }
    SetName("");
    return CheckEnd();
  }

 private:
  // CheckTensor, and that the tensor has a scale and zero point.
  absl::Status CheckScaled(absl::string_view field, TensorId id) const {
    NIWAKI_RETURN_IF_ERROR(CheckTensor(field, id));
    const Quantisation& q = network_.tensors[id];
    if (!std::isfinite(q.scale) || q.scale <= 0) {
      return Invalid(absl::StrCat(field, " scale"), q.scale, "a finite number above 0",
                     "a tensor needs a scale");
    }
    if (q.zero_point < -128 || q.zero_point > 127) {
      return Invalid(absl::StrCat(field, " zero point"), q.zero_point, "-128 to 127",
                     "a zero point is an int8");
    }
    return absl::OkStatus();
  }

  absl::Status CheckOperator(const Op& op) const {
    const arch::OpFacts& facts = arch::FactsOf(op.kind);
    if (facts.inputs == 0 && (op.extra < 0 || graph_.extras[op.extra].inputs.empty())) {
      return Invalid("inputs", 0, "at least 1", "the operator reads nothing");
    }
    for (const TensorId id : InputsOf(graph_, op)) {
      NIWAKI_RETURN_IF_ERROR(CheckScaled("input", id));
      NIWAKI_RETURN_IF_ERROR(CheckRead(id));
    }
    NIWAKI_RETURN_IF_ERROR(CheckScaled("output", op.output));
    NIWAKI_RETURN_IF_ERROR(CheckWrite(op.output));
    if (facts.weight != arch::WeightForm::kNone) NIWAKI_RETURN_IF_ERROR(CheckWeight(op));
    return CheckScales(op);
  }

  absl::Status CheckWeight(const Op& op) const {
    const arch::TensorShape& in = graph_.shape(op.input);
    if (op.kind == OpKind::kLinear && (in.height != 1 || in.width != 1)) {
      return Invalid("input", arch::ShapeText(in), absl::StrCat("1x1x", in.channels),
                     "a linear layer reads one pixel");
    }
    if (op.weight < 0 || op.weight >= static_cast<int>(network_.weights.size())) {
      return Invalid("weight", op.weight, "", "the operator needs weights");
    }
    const QuantisedWeight& weight = network_.weights[op.weight];
    int64_t values = 1;
    for (const int64_t size : arch::WeightShape(graph_, op)) values *= size;
    const size_t channels = graph_.shape(op.output).channels;
    if (static_cast<int64_t>(weight.values.size()) != values) {
      return Invalid("weights", weight.values.size(), absl::StrCat(values),
                     "weights are as many as the shapes say");
    }
    if (weight.scales.size() != 1 && weight.scales.size() != channels) {
      return Invalid("weight scales", weight.scales.size(), absl::StrCat("1 or ", channels),
                     "weights have one scale, or one a channel");
    }
    for (const float scale : weight.scales) {
      // 0 is what TensorFlow writes for a channel of zeros, and converters write negative ones.
      if (!std::isfinite(scale)) {
        return Invalid("weight scale", scale, "a finite number", "a weight needs a scale");
      }
    }
    if (weight.biases.size() != channels) {
      return Invalid("biases", weight.biases.size(), absl::StrCat(channels),
                     "every output channel has a bias");
    }
    return absl::OkStatus();
  }

  // Kernels that move or compare levels need one scale on both sides. A reshape touches nothing:
  // files that call the same levels by two scales are met, and run, as they say.
  absl::Status CheckScales(const Op& op) const {
    switch (op.kind) {
      case OpKind::kMaxPool:
      case OpKind::kAvgPool:
      case OpKind::kGlobalAvgPool:
      case OpKind::kPad:
      case OpKind::kConcat:
      case OpKind::kTranspose:
      case OpKind::kUpsample:
        for (const TensorId input : InputsOf(graph_, op)) {
          if (network_.tensors[input] == network_.tensors[op.output]) continue;
          return Invalid("output scale", network_.tensors[op.output].scale,
                         absl::StrCat(network_.tensors[input].scale),
                         "input and output have one scale and zero point");
        }
        return absl::OkStatus();
      default:
        return absl::OkStatus();
    }
  }

  const QuantisedNetwork& network_;
  const arch::Graph& graph_;
};

}  // namespace

std::string OperatorName(const arch::Graph& graph, int index) {
  return absl::StrCat("operator ", index, " (", arch::OpKindName(graph.ops[index].kind), ")");
}

absl::Status Validate(const QuantisedNetwork& network) { return Validator(network).Run(); }

}  // namespace niwaki::engine
