#include "libs/interchange/level_limits.h"

#include <cstddef>
#include <cstdlib>
#include <limits>

namespace niwaki::interchange {
namespace {

// The largest distance of a level from its zero point.
constexpr int64_t kMaxDistance = 255;

}  // namespace

std::optional<SumBeyond> FindSumBeyond(const engine::QuantisedWeight& weight,
                                       bool channels_outermost) {
  const size_t channels = weight.biases.size();
  if (channels == 0) return std::nullopt;
  const size_t values = weight.values.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    int64_t largest = std::abs(int64_t{weight.biases[c]});
    for (size_t i = 0; i < values; ++i) {
      const size_t at = channels_outermost ? c * values + i : i * channels + c;
      largest += kMaxDistance * std::abs(static_cast<int64_t>(weight.values[at]));
    }
    if (largest > std::numeric_limits<int32_t>::max()) {
      return SumBeyond{static_cast<int>(c), largest};
    }
  }
  return std::nullopt;
}

}  // namespace niwaki::interchange
