#include "libs/search/front/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace niwaki::search {

std::optional<double> StandardError(const MeasuredShare& measured) {
  const double n = static_cast<double>(measured.examples);
  if (n < 1 || !(measured.share >= 0 && measured.share <= 1)) return std::nullopt;
  const double half = 0.5 / n;
  const double share = std::clamp(measured.share, half, 1 - half);
  return std::sqrt(share * (1 - share) / n);
}

std::optional<bool> WithinNoise(const MeasuredShare& a, const MeasuredShare& b) {
  const std::optional<double> error_a = StandardError(a);
  const std::optional<double> error_b = StandardError(b);
  if (!error_a.has_value() || !error_b.has_value()) return std::nullopt;
  return std::fabs(a.share - b.share) < kNoiseFactor * std::hypot(*error_a, *error_b);
}

std::vector<bool> WithinNoiseOfNext(absl::Span<const MeasuredShare> shares) {
  std::vector<size_t> order(shares.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return shares[a].share > shares[b].share; });
  std::vector<bool> within(shares.size(), false);
  for (size_t i = 0; i + 1 < order.size(); ++i) {
    within[order[i]] = WithinNoise(shares[order[i]], shares[order[i + 1]]).value_or(false);
  }
  return within;
}

}  // namespace niwaki::search
