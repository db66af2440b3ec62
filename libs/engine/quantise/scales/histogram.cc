#include "libs/engine/quantise/scales/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace niwaki::engine {
namespace {

constexpr double kLevels = 255;

}  // namespace

double Histogram::Width() const { return (double{range_.high} - double{range_.low}) / kBins; }

double Histogram::CentreOf(int bin) const { return range_.low + (bin + 0.5) * Width(); }

void Histogram::Add(absl::Span<const float> values) {
  const double width = Width();
  // Without a width everything is in the first bin.
  const double per_bin = width > 0 ? 1 / width : 0;
  for (const float value : values) {
    const double bin = (double{value} - double{range_.low}) * per_bin;
    ++counts_[static_cast<int>(std::clamp<double>(bin, 0, kBins - 1))];
  }
}

void Histogram::Add(const Histogram& other) {
  for (int i = 0; i < kBins; ++i) counts_[i] += other.counts_[i];
}

int64_t Histogram::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

Range Histogram::Percentile(double share) const {
  const double outside = (1 - share) * static_cast<double>(total());
  const bool above_zero = range_.low >= 0;
  const bool below_zero = range_.high <= 0;
  const double low_part = above_zero ? 0 : below_zero ? outside : outside / 2;
  const double high_part = below_zero ? 0 : above_zero ? outside : outside / 2;
  int first = 0;
  for (int64_t seen = 0; first < kBins - 1; ++first) {
    seen += counts_[first];
    if (static_cast<double>(seen) > low_part) break;
  }
  int last = kBins - 1;
  for (int64_t seen = 0; last > first; --last) {
    seen += counts_[last];
    if (static_cast<double>(seen) > high_part) break;
  }
  Range range = range_;
  if (first > 0) range.low = static_cast<float>(range_.low + first * Width());
  if (last < kBins - 1) range.high = static_cast<float>(range_.low + (last + 1) * Width());
  return range;
}

double Histogram::SquaredError(const Range& range) const {
  const Quantisation q = QuantisationOf(range);
  double error = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    if (counts_[bin] == 0) continue;
    const double value = CentreOf(bin);
    const double level = std::clamp<double>(std::round(value / q.scale) + q.zero_point, -128, 127);
    const double miss = value - (level - q.zero_point) * q.scale;
    error += miss * miss * static_cast<double>(counts_[bin]);
  }
  return error;
}

Range Histogram::LeastSquares() const {
  constexpr int kSteps = 100;
  // Nothing useful is cut off beyond a twentieth.
  constexpr int kSmallest = 5;
  const auto scaled = [&](int low, int high) {
    return Range{range_.low * static_cast<float>(low) / kSteps,
                 range_.high * static_cast<float>(high) / kSteps};
  };
  int low = kSteps;
  int high = kSteps;
  double least = SquaredError(range_);
  const auto attempt = [&](int new_low, int new_high) {
    const double error = SquaredError(scaled(new_low, new_high));
    if (error >= least) return;
    least = error;
    low = new_low;
    high = new_high;
  };
  for (int step = kSteps - 1; step >= kSmallest; --step) attempt(step, step);
  for (int step = kSteps; step >= kSmallest; --step) attempt(step, high);
  for (int step = kSteps; step >= kSmallest; --step) attempt(low, step);
  return scaled(low, high);
}

Quantisation QuantisationOf(Range range) {
  const double low = std::min(0.0, double{range.low});
  const double high = std::max(0.0, double{range.high});
  // As a float: zero points are made for the scale that kernels see.
  const float scale = static_cast<float>((high - low) / kLevels);
  if (scale < std::numeric_limits<float>::min()) return {1, 0};
  const double zero_point = std::round(-128 - low / scale);
  return {scale, static_cast<int32_t>(std::clamp<double>(zero_point, -128, 127))};
}

}  // namespace niwaki::engine
