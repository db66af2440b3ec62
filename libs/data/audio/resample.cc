#include "libs/data/audio/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "libs/base/log.h"

namespace niwaki::data {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kZeroCrossings = 12;
// Table entries between two zero crossings; neighbours are interpolated.
constexpr int kSteps = 512;
constexpr double kKaiserBeta = 8.0;

// Modified Bessel function of order 0, by its series.
double BesselI0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 50; ++k) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

// One wing of the kernel and a zero beyond it.
std::vector<float> MakeKernel() {
  const int n = kZeroCrossings * kSteps;
  std::vector<float> kernel(n + 2, 0.0f);
  for (int i = 0; i <= n; ++i) {
    const double x = static_cast<double>(i) / kSteps;
    const double r = x / kZeroCrossings;
    const double window = BesselI0(kKaiserBeta * std::sqrt(1 - r * r)) / BesselI0(kKaiserBeta);
    const double sinc = i == 0 ? 1.0 : std::sin(kPi * x) / (kPi * x);
    kernel[i] = static_cast<float>(sinc * window);
  }
  return kernel;
}

}  // namespace

std::vector<float> Resample(absl::Span<const float> samples, double ratio) {
  NIWAKI_CHECK(ratio >= 1.0 / 32 && ratio <= 32);
  static const std::vector<float>& kernel = *new std::vector<float>(MakeKernel());
  const double scale = std::min(1.0, ratio);
  const double reach = kZeroCrossings / scale;
  const int64_t n = samples.size();
  std::vector<float> out(static_cast<size_t>(std::ceil(n * ratio)));
  for (size_t i = 0; i < out.size(); ++i) {
    const double centre = i / ratio;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(centre - reach)));
    const int64_t last = std::min<int64_t>(n - 1, static_cast<int64_t>(std::floor(centre + reach)));
    double sum = 0;
    for (int64_t k = first; k <= last; ++k) {
      const double at = std::abs(centre - k) * scale * kSteps;
      const int entry = static_cast<int>(at);
      const double fraction = at - entry;
      sum += samples[k] * (kernel[entry] + fraction * (kernel[entry + 1] - kernel[entry]));
    }
    out[i] = static_cast<float>(sum * scale);
  }
  return out;
}

}  // namespace niwaki::data
