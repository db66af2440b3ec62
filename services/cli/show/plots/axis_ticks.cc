#include "services/cli/show/plots/axis_ticks.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"

namespace niwaki::cli {
namespace {

std::vector<double> MultiplesWithin(double low, double high, double step) {
  std::vector<double> ticks;
  // A hundredth of a step of tolerance: the ends are results of floating point arithmetic.
  const double first = std::ceil(low / step - 0.01);
  const double last = std::floor(high / step + 0.01);
  const int count = static_cast<int>(std::max(0.0, last - first + 1));
  for (int i = 0; i < count; ++i) ticks.push_back((first + i) * step + 0.0);
  return ticks;
}

}  // namespace

std::vector<double> NiceTicks(double low, double high, int target) {
  const double raw = (high - low) / target;
  double magnitude = std::pow(10, std::floor(std::log10(raw)));
  for (int round = 0; round < 2; ++round, magnitude /= 10) {
    // From the coarsest step down, the first that gives nearly as many ticks as wanted.
    for (double factor : {10.0, 5.0, 2.0, 1.0}) {
      const double step = factor * magnitude;
      if (step > raw * 1.5) continue;
      std::vector<double> ticks = MultiplesWithin(low, high, step);
      if (ticks.size() >= 2) return ticks;
    }
  }
  return {low, high};
}

std::string FormatTick(double tick, const std::vector<double>& ticks) {
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : std::fabs(tick);
  int decimals = 0;
  if (step > 0) {
    decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
  }
  const std::string text = absl::StrFormat("%.*f", decimals, tick);
  return std::fabs(tick) < step * 1e-9 ? "0" : text;
}

}  // namespace niwaki::cli
