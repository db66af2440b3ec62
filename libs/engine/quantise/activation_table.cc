#include "libs/engine/quantise/activation_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "libs/engine/quantise/kernel_parameters.h"
#include "libs/engine/quantise/multiplier.h"
#include "libs/kernels/requantise.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;

int16_t Saturate16(int32_t value) {
  return static_cast<int16_t>(std::clamp<int32_t>(value, std::numeric_limits<int16_t>::min(),
                                                  std::numeric_limits<int16_t>::max()));
}

// a * b / 2^15, rounded half away from zero below and up above: the 16-bit sibling of
// nw_high_multiply.
int16_t HighMultiply16(int16_t a, int16_t b) {
  const int32_t product = int32_t{a} * b;
  const int32_t nudge = product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return Saturate16((product + nudge) / (1 << 15));
}

// A multiplier of 31 bits in 15.
int16_t To16Bits(int32_t multiplier) {
  constexpr int32_t kRounding = 1 << 15;
  if (multiplier >= std::numeric_limits<int32_t>::max() - kRounding)
    return std::numeric_limits<int16_t>::max();
  return static_cast<int16_t>((multiplier + kRounding) >> 16);
}

// x * relu6(x + 3) / 6 in 16 bits. The input is taken at 128 times its resolution, and once more at
// the scale 3 / 2^15, where its clamp to 16 bits is that of relu6.
class HardSwish {
 public:
  HardSwish(const Quantisation& input, const Quantisation& output)
      : input_(input), output_(output) {
    const double fine_scale = double{1.0F / 128 * input.scale};
    const nw_factor out = FactorOf(fine_scale / double{output.scale});
    output_multiplier_ = To16Bits(out.multiplier);
    output_exponent_ = out.shift;
    const nw_factor gate = FactorOf(fine_scale / double{3.0F / 32768.0F});
    gate_multiplier_ = To16Bits(gate.multiplier);
    gate_exponent_ = gate.shift;
  }

  int8_t operator()(int level) const {
    const int16_t fine = static_cast<int16_t>((level - input_.zero_point) * 128);
    const int16_t at_output = HighMultiply16(fine, output_multiplier_);
    int16_t gate = fine;
    if (gate_exponent_ > 0) gate = ShiftLeft(gate, gate_exponent_ - 1);
    gate = HighMultiply16(gate, gate_multiplier_);
    if (gate_exponent_ > 0) gate = ShiftLeft(gate, 1);
    if (gate_exponent_ < 0) gate = static_cast<int16_t>(nw_divide_by_power(gate, -gate_exponent_));
    gate = static_cast<int16_t>((gate + (1 << 15)) >> 1);
    // Not rounded, and saturated.
    const int16_t product = Saturate16(int32_t{gate} * at_output / (1 << 15));
    const int32_t shifted = output_exponent_ > 0 ? ShiftLeft(product, output_exponent_)
                                                 : nw_divide_by_power(product, -output_exponent_);
    return static_cast<int8_t>(nw_level(shifted, output_.zero_point, -128, 127));
  }

 private:
  static int16_t ShiftLeft(int16_t value, int bits) {
    return Saturate16(int32_t{value} * (1 << std::min(bits, 15)));
  }

  Quantisation input_;
  Quantisation output_;
  int16_t output_multiplier_;
  int output_exponent_;
  int16_t gate_multiplier_;
  int gate_exponent_;
};

template <typename Function>
int8_t ThroughFloat(int level, const Quantisation& input, const Quantisation& output,
                    const Function& function) {
  const float value = function(input.scale * static_cast<float>(level - input.zero_point));
  return static_cast<int8_t>(nw_clamp(LevelOf(value, output.scale, output.zero_point), -128, 127));
}

int8_t Clamped(int level, OpActivation activation, const Quantisation& input,
               const Quantisation& output) {
  const nw_factor factor = FactorOf(double{input.scale} / double{output.scale});
  const nw_limits limits = LimitsOf(activation, output);
  const int32_t scaled = nw_scale(level - input.zero_point, factor.multiplier, factor.shift);
  return static_cast<int8_t>(nw_level(scaled, output.zero_point, limits.low, limits.high));
}

// What the bias of hard-sigmoid may be, so that no sum with a weighted level leaves int32.
constexpr double kLargestBias = (int64_t{1} << 31) - (1 << 16);

}  // namespace

HardSigmoidFilter HardSigmoidFilterFor(const Quantisation& input) {
  // The largest weight: the bias is as fine as it can be.
  constexpr int kWeight = 127;
  HardSigmoidFilter filter;
  filter.weight = kWeight;
  filter.scale = 1.0F / (6 * kWeight);
  const double unit = double{input.scale} * double{filter.scale};
  filter.bias = static_cast<int32_t>(std::min(std::round(0.5 / unit), kLargestBias));
  return filter;
}

std::array<int8_t, 256> HardSigmoidFilterTable(const Quantisation& input,
                                               const Quantisation& output) {
  const HardSigmoidFilter filter = HardSigmoidFilterFor(input);
  const nw_factor factor =
      FactorOf(double{input.scale} * double{filter.scale} / double{output.scale});
  std::array<int8_t, 256> table;
  for (int level = -128; level < 128; ++level) {
    const int32_t sum = (level - input.zero_point) * filter.weight + filter.bias;
    const int32_t scaled = nw_scale(sum, factor.multiplier, factor.shift);
    table[level + 128] = static_cast<int8_t>(nw_level(scaled, output.zero_point, -128, 127));
  }
  return table;
}

std::array<int8_t, 256> ActivationTable(OpActivation activation, const Quantisation& input,
                                        const Quantisation& output) {
  std::array<int8_t, 256> table;
  const HardSwish hard_swish(input, output);
  if (activation == OpActivation::kHardSigmoid) {
    table = HardSigmoidFilterTable(input, output);
    const int32_t low = nw_clamp(output.zero_point, -128, 127);
    const int32_t high = nw_clamp(LevelOf(1, output.scale, output.zero_point), -128, 127);
    for (int8_t& level : table) level = static_cast<int8_t>(nw_clamp(level, low, high));
    return table;
  }
  for (int level = -128; level < 128; ++level) {
    int8_t& entry = table[level + 128];
    switch (activation) {
      case OpActivation::kNone:
      case OpActivation::kRelu:
      case OpActivation::kRelu6:
        entry = Clamped(level, activation, input, output);
        break;
      case OpActivation::kHardSwish:
        entry = hard_swish(level);
        break;
      case OpActivation::kHardSigmoid:
        break;
      case OpActivation::kLogistic:
        entry = ThroughFloat(level, input, output,
                             [](float x) { return 1.0F / (1.0F + std::exp(-x)); });
        break;
    }
  }
  return table;
}

}  // namespace niwaki::engine
