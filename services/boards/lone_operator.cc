#include "services/boards/lone_operator.h"

#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::boards {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using arch::TensorId;
using arch::TensorShape;
using engine::Quantisation;
using latency::EmittedOp;
using latency::OpForm;
using latency::OpSignature;

// What a level stands for decides which instructions a kernel takes, so tensors are as in trained
// networks: no two operands of one scale, and what is clamped at zero has its zero at the lowest
// level, six at the highest.
constexpr Quantisation kLevels = {0.05F, -3};
constexpr Quantisation kSecondLevels = {0.03F, 5};
constexpr Quantisation kClampedLevels = {6.0F / 255, -128};
constexpr int kMaxPadding = 255;
constexpr int64_t kMaxElements = int64_t{1} << 22;

absl::Status Unsupported(const OpSignature& signature, absl::string_view why) {
  const std::string text = signature.ToText();
  return Error(absl::StatusCode::kUnimplemented, reason::kArgumentInvalid)
      .Field("operator")
      .Value(text)
      .Message(absl::StrCat("no kernel runs '", text, "' alone: ", why));
}

bool HasSecond(OpKind kind) { return kind == OpKind::kAdd || kind == OpKind::kMul; }

// What the signature says of windows, put into `op`; false for what no operator has.
bool SetWindow(const OpSignature& s, Op& op) {
  op.kernel_h = static_cast<uint16_t>(s.kernel_h);
  op.kernel_w = static_cast<uint16_t>(s.kernel_w);
  op.stride_h = static_cast<uint16_t>(s.stride_h);
  op.stride_w = static_cast<uint16_t>(s.stride_w);
  if (op.kernel_h != s.kernel_h || op.kernel_w != s.kernel_w || op.stride_h != s.stride_h ||
      op.stride_w != s.stride_w) {
    return false;
  }
  const arch::OpFacts& facts = arch::FactsOf(s.kind);
  const arch::AxisPadding rows =
      arch::UsualPaddingOf(facts, s.input.height, s.output.height, s.kernel_h, s.stride_h);
  const arch::AxisPadding columns =
      arch::UsualPaddingOf(facts, s.input.width, s.output.width, s.kernel_w, s.stride_w);
  const std::array<int, 4> sides = s.padding.value_or(
      std::array<int, 4>{rows.before, rows.after, columns.before, columns.after});
  for (const int side : sides) {
    if (side < 0 || side > kMaxPadding) return false;
  }
  op.padding = {static_cast<uint8_t>(sides[0]), static_cast<uint8_t>(sides[1]),
                static_cast<uint8_t>(sides[2]), static_cast<uint8_t>(sides[3])};
  return true;
}

// Whether the output is what such an operator makes of the input.
bool ShapesFit(const OpSignature& s, const Op& op) {
  const auto same = [&s](const TensorShape& shape) {
    return s.output.height == shape.height && s.output.width == shape.width &&
           s.output.channels == shape.channels;
  };
  switch (s.kind) {
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
    case OpKind::kMaxPool:
    case OpKind::kAvgPool: {
      if (s.input.height + op.padding.height() < s.kernel_h ||
          s.input.width + op.padding.width() < s.kernel_w) {
        return false;
      }
      TensorShape out = arch::WindowOutput(s.input, op);
      if (s.kind == OpKind::kConv2d) out.channels = s.output.channels;
      return same(out);
    }
    case OpKind::kGlobalAvgPool:
      return same({1, 1, s.input.channels});
    case OpKind::kLinear:
      return s.output.height == 1 && s.output.width == 1;
    case OpKind::kAdd:
    case OpKind::kMul:
    case OpKind::kActivation:
      return same(s.input);
    default:
      return false;
  }
}

bool FormFits(const EmittedOp& op) {
  const bool input = latency::HasPlanarInput(op.form);
  const bool output = latency::HasPlanarOutput(op.form);
  if (op.form == OpForm::kUnknown) return false;
  if (op.signature.kind == OpKind::kLinear) return !input && !output;
  // One that writes over what it reads.
  const bool in_place = arch::FactsOf(op.signature.kind).in_place != arch::InPlace::kNever;
  return !in_place || input == output;
}

class Builder {
 public:
  Builder(const EmittedOp& op, uint64_t seed) : s_(op.signature), random_(seed) {}

  engine::QuantisedNetwork Build(Op op) {
    op.kind = s_.kind;
    op.input = Tensor(s_.input);
    const bool table = s_.kind != OpKind::kActivation && engine::HasTable(TheOp());
    op.activation = table ? OpActivation::kNone : s_.activation;
    if (HasSecond(s_.kind)) AddSecond(op);
    op.output = Tensor(s_.output, OutputLevels());
    if (arch::FactsOf(s_.kind).weight != arch::WeightForm::kNone) AddWeights(op);
    network_.graph.input = op.input;
    network_.graph.output = op.output;
    network_.graph.ops.push_back(op);
    if (table) AddTable();
    return std::move(network_);
  }

 private:
  Op TheOp() const {
    Op op;
    op.kind = s_.kind;
    op.activation = s_.activation;
    return op;
  }

  TensorId Tensor(const TensorShape& shape, const Quantisation& levels = kLevels) {
    network_.graph.tensors.push_back(shape);
    network_.tensors.push_back(levels);
    return static_cast<TensorId>(network_.graph.tensors.size()) - 1;
  }

  Quantisation OutputLevels() const {
    const bool clamped =
        s_.activation == OpActivation::kRelu || s_.activation == OpActivation::kRelu6;
    return clamped ? kClampedLevels : kLevels;
  }

  void AddSecond(Op& op) {
    const TensorShape shape =
        s_.kind == OpKind::kMul ? TensorShape{1, 1, s_.input.channels} : s_.input;
    op.second_input = Tensor(shape, kSecondLevels);
    network_.constants[op.second_input].assign(static_cast<size_t>(shape.elements()), 0);
  }

  void AddTable() {
    Op op;
    op.kind = OpKind::kActivation;
    op.activation = s_.activation;
    op.input = network_.graph.output;
    op.output = Tensor(s_.output);
    network_.graph.output = op.output;
    network_.graph.ops.push_back(op);
  }

  // Scales are such that sums of random products use the range of int8.
  void AddWeights(Op& op) {
    constexpr float kDeviation = 73;
    constexpr float kWanted = 40;
    const float wanted = kWanted * OutputLevels().scale / kLevels.scale;
    const int channels = s_.output.channels;
    int64_t per_filter = s_.input.elements();
    if (s_.kind != OpKind::kLinear) {
      per_filter = int64_t{op.taps()} * (s_.kind == OpKind::kConv2d ? s_.input.channels : 1);
    }
    const float sums = kDeviation * kDeviation * std::sqrt(static_cast<float>(per_filter));
    engine::QuantisedWeight weight;
    weight.values.reserve(static_cast<size_t>(per_filter * channels));
    for (int64_t i = 0; i < per_filter * channels; ++i) {
      // Never 0: kernels skip channels without weights.
      const int level = 1 + static_cast<int>(random_.Uniform(127));
      weight.values.push_back(static_cast<int8_t>(random_.Bernoulli(0.5) ? level : -level));
    }
    for (int c = 0; c < channels; ++c) {
      weight.scales.push_back(wanted / sums);
      weight.biases.push_back(static_cast<int32_t>(random_.Uniform(2001)) - 1000);
    }
    op.bias = true;
    op.weight = 0;
    network_.graph.weights.push_back({arch::WeightRole::kImported, -1, 0});
    network_.weights.push_back(std::move(weight));
  }

  const OpSignature& s_;
  Random random_;
  engine::QuantisedNetwork network_;
};

}  // namespace

absl::StatusOr<engine::LoneOperator> MakeLoneOperator(const EmittedOp& emitted, uint64_t seed) {
  const OpSignature& s = emitted.signature;
  Op op;
  if (s.kind == OpKind::kActivation && s.activation == OpActivation::kNone) {
    return Unsupported(s, "it computes nothing");
  }
  if (!SetWindow(s, op) || !ShapesFit(s, op)) {
    return Unsupported(
        s, "its kind is not one that is measured, or its shapes do not belong together");
  }
  const int64_t weights = int64_t{s.kernel_h} * s.kernel_w * s.input.elements();
  if (s.input.elements() > kMaxElements || s.output.elements() > kMaxElements ||
      weights > kMaxElements * kMaxPadding) {
    return Unsupported(s, "it is larger than any device");
  }
  if (!FormFits(emitted)) {
    return Unsupported(s,
                       absl::StrCat("not in the form '", latency::OpFormText(emitted.form), "'"));
  }
  engine::LoneOperator lone;
  lone.planar_input = latency::HasPlanarInput(emitted.form);
  lone.planar_output = latency::HasPlanarOutput(emitted.form);
  lone.network = Builder(emitted, seed).Build(op);
  const absl::Status valid = engine::Validate(lone.network);
  if (!valid.ok()) return Unsupported(s, valid.message());
  return lone;
}

}  // namespace niwaki::boards
