#include "libs/engine/quantise/multiplier.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace niwaki::engine {

nw_factor FactorOf(double real) {
  if (real == 0) return {0, 0};
  int exponent = 0;
  const double fraction = std::frexp(real, &exponent);
  int64_t multiplier = std::llround(fraction * (int64_t{1} << 31));
  if (std::abs(multiplier) == int64_t{1} << 31) {
    multiplier /= 2;
    ++exponent;
  }
  if (exponent < -31) return {0, 0};
  if (exponent > 30) return {std::numeric_limits<int32_t>::max(), 30};
  return {static_cast<int32_t>(multiplier), exponent};
}

int32_t LevelOf(double real, float scale, int32_t zero_point) {
  // In float, as TensorFlow Lite divides.
  const double level = zero_point + std::round(static_cast<float>(real) / scale);
  return static_cast<int32_t>(std::clamp<double>(level, std::numeric_limits<int32_t>::min(),
                                                 std::numeric_limits<int32_t>::max()));
}

}  // namespace niwaki::engine
