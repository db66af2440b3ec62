#include "libs/engine/quantise/quantised_network.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpKind;
using arch::TensorId;

class Validator {
 public:
  explicit Validator(const QuantisedNetwork& network)
      : network_(network), graph_(network.graph), written_(graph_.tensors.size()) {}

  absl::Status Run() {
    if (network_.tensors.size() != graph_.tensors.size()) {
      return Invalid("tensors", network_.tensors.size(), absl::StrCat(graph_.tensors.size()),
                     "every tensor has a scale");
    }
    if (network_.weights.size() != graph_.weights.size()) {
      return Invalid("weights", network_.weights.size(), absl::StrCat(graph_.weights.size()),
                     "every weight has values");
    }
    NIWAKI_RETURN_IF_ERROR(CheckTensor("input", graph_.input));
    NIWAKI_RETURN_IF_ERROR(CheckTensor("output", graph_.output));
    written_[graph_.input] = true;
    for (const auto& [id, values] : network_.constants) {
      NIWAKI_RETURN_IF_ERROR(CheckTensor("constant", id));
      if (static_cast<int64_t>(values.size()) != graph_.shape(id).elements()) {
        return Invalid("constant", values.size(), absl::StrCat(graph_.shape(id).elements()),
                       "a constant has as many values as its shape says");
      }
      written_[id] = true;
    }
    for (size_t i = 0; i < graph_.ops.size(); ++i) {
      name_ = absl::StrCat(OperatorName(graph_, static_cast<int>(i)), ": ");
      NIWAKI_RETURN_IF_ERROR(CheckOperator(graph_.ops[i]));
      written_[graph_.ops[i].output] = true;
    }
    name_.clear();
    if (!written_[graph_.output]) {
      return Invalid("output", graph_.output, "", "no operator writes the output");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                       absl::string_view limit, absl::string_view message) const {
    std::string text = absl::StrCat(name_, message, " (", field, " ", value);
    if (!limit.empty()) absl::StrAppend(&text, ", needs ", limit);
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(absl::StrCat(name_, field))
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat(text, ")"));
  }

  absl::Status CheckTensor(absl::string_view field, TensorId id) const {
    if (id < 0 || id >= static_cast<TensorId>(graph_.tensors.size())) {
      return Invalid(field, id, absl::StrCat("0 to ", graph_.tensors.size() - 1),
                     "there is no such tensor");
    }
    const arch::TensorShape& shape = graph_.shape(id);
    if (shape.height < 1 || shape.width < 1 || shape.channels < 1) {
      return Invalid(field, absl::StrCat(shape.height, "x", shape.width, "x", shape.channels),
                     "at least 1x1x1", "a tensor has elements");
    }
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

  absl::Status CheckRead(TensorId id) const {
    NIWAKI_RETURN_IF_ERROR(CheckTensor("input", id));
    if (!written_[id]) return Invalid("input", id, "", "a tensor is read before it is written");
    return absl::OkStatus();
  }

  absl::Status CheckOperator(const Op& op) const {
    const arch::OpFacts& facts = arch::FactsOf(op.kind);
    if (facts.inputs == 0 && (op.extra < 0 || graph_.extras[op.extra].inputs.empty())) {
      return Invalid("inputs", 0, "at least 1", "the operator reads nothing");
    }
    for (const TensorId id : InputsOf(graph_, op)) NIWAKI_RETURN_IF_ERROR(CheckRead(id));
    NIWAKI_RETURN_IF_ERROR(CheckTensor("output", op.output));
    if (written_[op.output]) {
      return Invalid("output", op.output, "", "a tensor is written twice");
    }
    if (facts.weight != arch::WeightForm::kNone) NIWAKI_RETURN_IF_ERROR(CheckWeight(op));
    return CheckScales(op);
  }

  absl::Status CheckWeight(const Op& op) const {
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
  std::vector<bool> written_;
  std::string name_;
};

}  // namespace

std::string OperatorName(const arch::Graph& graph, int index) {
  return absl::StrCat("operator ", index, " (", arch::OpKindName(graph.ops[index].kind), ")");
}

absl::Status Validate(const QuantisedNetwork& network) { return Validator(network).Run(); }

}  // namespace niwaki::engine
