#include "libs/data/audio/windows.h"

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"
#include "libs/base/range.h"

namespace niwaki::data {
namespace {

// Starts in a window's length.
constexpr int64_t kStepsPerWindow = 100;
// A start is as good as the best when its window holds so much of the best one's energy.
constexpr double kAsGood = 0.99;

// [samples + 1]: energy about the mean before each sample.
std::vector<double> RunningEnergy(absl::Span<const float> samples) {
  double mean = 0;
  for (float sample : samples) mean += sample;
  mean /= static_cast<double>(samples.size());
  std::vector<double> running(samples.size() + 1, 0.0);
  for (size_t i = 0; i < samples.size(); ++i) {
    const double deviation = samples[i] - mean;
    running[i + 1] = running[i] + deviation * deviation;
  }
  return running;
}

}  // namespace

absl::string_view WindowsName(Windows windows) {
  return windows == Windows::kLoudest ? "loudest" : "all";
}

absl::StatusOr<Windows> ParseWindows(absl::string_view name) {
  for (Windows windows : {Windows::kLoudest, Windows::kAll}) {
    if (WindowsName(windows) == name) return windows;
  }
  return InvalidValue("windows", name, "loudest or all");
}

int64_t LoudestWindow(absl::Span<const float> samples, int64_t length) {
  NIWAKI_CHECK(length > 0);
  const int64_t last = static_cast<int64_t>(samples.size()) - length;
  if (last <= 0) return 0;
  const std::vector<double> running = RunningEnergy(samples);
  const int64_t step = std::max<int64_t>(1, length / kStepsPerWindow);
  // The last window is one of the starts even where it lies between two steps.
  const int64_t starts = (last + step - 1) / step + 1;
  const auto start = [&](int64_t k) { return std::min(k * step, last); };
  const auto energy = [&](int64_t k) { return running[start(k) + length] - running[start(k)]; };
  int64_t best = 0;
  for (int64_t k = 1; k < starts; ++k) {
    if (energy(k) > energy(best)) best = k;
  }
  const double enough = kAsGood * energy(best);
  int64_t low = best;
  int64_t high = best;
  while (low > 0 && energy(low - 1) >= enough) --low;
  while (high + 1 < starts && energy(high + 1) >= enough) ++high;
  return (start(low) + start(high)) / 2;
}

std::vector<int64_t> SpreadWindows(absl::Span<const float> samples, int64_t length) {
  const int64_t size = static_cast<int64_t>(samples.size());
  const int64_t count = std::lround(static_cast<double>(size) / static_cast<double>(length));
  if (count < 2) return {LoudestWindow(samples, length)};
  std::vector<int64_t> firsts;
  for (int64_t k = 0; k < count; ++k) firsts.push_back((size - length) * k / (count - 1));
  return firsts;
}

std::vector<float> CutWindow(absl::Span<const float> samples, int64_t first, int64_t length) {
  const int64_t size = static_cast<int64_t>(samples.size());
  std::vector<float> out(length, 0.0f);
  const int64_t n = std::min(size - first, length);
  const int64_t to = (length - n) / 2;
  std::copy_n(samples.begin() + first, n, out.begin() + to);
  return out;
}

}  // namespace niwaki::data
