#include "libs/engine/quantise/kernel_parameters.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/activation_table.h"
#include "libs/engine/quantise/multiplier.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;

constexpr int32_t kLowest = INT8_MIN;
constexpr int32_t kHighest = INT8_MAX;

// Factors and limits of one operator. Real factors are computed as TensorFlow Lite computes them,
// in double where it does and in float where it does: the last bit of a multiplier depends on it.
class Builder {
 public:
  Builder(const QuantisedNetwork& network, const Op& op)
      : network_(network), op_(op), in_(Of(op.input)), out_(Of(op.output)) {}

  KernelParameters Build() {
    result_.window = {op_.kernel_h, op_.kernel_w,    op_.stride_h,
                      op_.stride_w, op_.padding.top, op_.padding.left};
    result_.limits = LimitsOf(op_.activation, out_);
    switch (op_.kind) {
      case OpKind::kConv2d:
      case OpKind::kDepthwiseConv2d:
      case OpKind::kLinear:
        BuildConvolution();
        break;
      case OpKind::kAdd:
        BuildAdd();
        break;
      case OpKind::kMul:
        BuildMultiply();
        break;
      case OpKind::kGlobalAvgPool: {
        const arch::TensorShape& shape = network_.graph.shape(op_.input);
        result_.window = {shape.height, shape.width, shape.height, shape.width, 0, 0};
        break;
      }
      case OpKind::kMean:
        result_.mean = {in_.zero_point, out_.zero_point,
                        FactorOf(double{in_.scale} / double{out_.scale})};
        break;
      case OpKind::kSoftmax:
        BuildSoftmax();
        break;
      case OpKind::kActivation:
        result_.table = ActivationTable(op_.activation, in_, out_);
        break;
      case OpKind::kRescale:
        result_.rescale = {in_.zero_point, out_.zero_point,
                           FactorOf(double{in_.scale} / double{out_.scale})};
        break;
      case OpKind::kMaxPool:
      case OpKind::kAvgPool:
      case OpKind::kPad:
      case OpKind::kConcat:
      case OpKind::kReshape:
      case OpKind::kTranspose:
      case OpKind::kUpsample:
      case OpKind::kQuantize:
      case OpKind::kDequantize:
        break;
    }
    return result_;
  }

 private:
  Quantisation Of(arch::TensorId id) const {
    return id < 0 ? Quantisation() : network_.tensors[id];
  }

  void BuildConvolution() {
    const QuantisedWeight& weight = network_.weights[op_.weight];
    const size_t channels = network_.graph.shape(op_.output).channels;
    result_.levels = {in_.zero_point, out_.zero_point, result_.limits};
    result_.multipliers.reserve(channels);
    result_.shifts.reserve(channels);
    for (size_t c = 0; c < channels; ++c) {
      const float scale = weight.scales[weight.scales.size() == 1 ? 0 : c];
      const bool whole_layer = op_.kind == OpKind::kLinear && weight.scales.size() == 1;
      // A linear layer with one scale multiplies the scales in float.
      const double product =
          whole_layer ? double{in_.scale * scale} : double{in_.scale} * double{scale};
      const nw_factor factor = FactorOf(product / double{out_.scale});
      result_.multipliers.push_back(factor.multiplier);
      result_.shifts.push_back(static_cast<int8_t>(factor.shift));
    }
  }

  void BuildAdd() {
    const Quantisation second = Of(op_.second_input);
    const double twice_larger = 2 * std::max(double{in_.scale}, double{second.scale});
    result_.add = {in_.zero_point,
                   second.zero_point,
                   out_.zero_point,
                   FactorOf(double{in_.scale} / twice_larger),
                   FactorOf(double{second.scale} / twice_larger),
                   FactorOf(twice_larger / ((1 << NW_ADD_SHIFT) * double{out_.scale})),
                   result_.limits};
  }

  void BuildMultiply() {
    const Quantisation second = Of(op_.second_input);
    result_.multiply = {in_.zero_point, second.zero_point, out_.zero_point,
                        FactorOf(double{in_.scale} * double{second.scale} / double{out_.scale}),
                        result_.limits};
  }

  void BuildSoftmax() { result_.softmax = SoftmaxLevels(in_.scale); }

  const QuantisedNetwork& network_;
  const Op& op_;
  const Quantisation in_;
  const Quantisation out_;
  KernelParameters result_;
};

}  // namespace

nw_softmax_levels SoftmaxLevels(float scale) {
  constexpr int kFractionBits = 31 - NW_SOFTMAX_INTEGER_BITS;
  nw_softmax_levels levels = {};
  const double scaled = double{scale} * (int64_t{1} << kFractionBits);
  levels.input = FactorOf(std::min(scaled, (int64_t{1} << 31) - 1.0));
  const double largest =
      ((1 << NW_SOFTMAX_INTEGER_BITS) - 1) * std::ldexp(1.0, kFractionBits - levels.input.shift);
  // At a scale so small that nothing counts as nothing, no difference of levels is below it.
  constexpr double kNone = std::numeric_limits<int32_t>::max();
  levels.smallest_difference = -static_cast<int32_t>(std::floor(std::min(largest, kNone)));
  return levels;
}

nw_limits LimitsOf(OpActivation activation, const Quantisation& output) {
  nw_limits limits = {kLowest, kHighest};
  if (activation == OpActivation::kRelu || activation == OpActivation::kRelu6) {
    limits.low = std::max(limits.low, LevelOf(0, output.scale, output.zero_point));
  }
  if (activation == OpActivation::kRelu6) {
    limits.high = std::min(limits.high, LevelOf(6, output.scale, output.zero_point));
  }
  return limits;
}

KernelParameters ParametersOf(const QuantisedNetwork& network, const Op& op) {
  return Builder(network, op).Build();
}

}  // namespace niwaki::engine
