// What every reader of int8 networks asks of tensors and weights, whatever the file's format.

#ifndef NIWAKI_LIBS_INTERCHANGE_LEVEL_LIMITS_H_
#define NIWAKI_LIBS_INTERCHANGE_LEVEL_LIMITS_H_

#include <cstdint>
#include <optional>

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

// Far beyond any network for a microcontroller, and small enough that no sum over a tensor's levels
// leaves int32.
inline constexpr int kMaxSide = 1 << 16;
inline constexpr int64_t kMaxElements = int64_t{1} << 23;
// Op::kernel_h and stride_h have 16 bits, its paddings 8.
inline constexpr int kMaxWindow = 65535;
inline constexpr int kMaxPadding = 255;
// The sum of a softmax has 12 bits before its point.
inline constexpr int kMaxSoftmaxChannels = 4095;
// What a softmax and a logistic give.
inline constexpr engine::Quantisation kUnitLevels = {1.0F / 256, -128};

// A channel whose weights and bias can add up to more than an int32 holds.
struct SumBeyond {
  int channel = 0;
  int64_t largest = 0;
};

// The first such channel, if there is one: no sum of levels that are up to 255 from their zero
// point, times the weights, and the bias may leave int32. `channels_outermost`: whether values are
// [Co, ...]; else [..., Co].
std::optional<SumBeyond> FindSumBeyond(const engine::QuantisedWeight& weight,
                                       bool channels_outermost);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_LEVEL_LIMITS_H_
