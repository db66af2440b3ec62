#include "libs/predictor/sessions.h"

#include <algorithm>
#include <cmath>

namespace niwaki::predictor {
namespace {

constexpr int kLeastRows = 20;
// A cut must explain this many times log(rows) times the variance of the noise; the best of all
// cuts of pure noise explains about 2 log(log(rows)) times it.
constexpr double kCutsWorth = 4;

class Cutter {
 public:
  Cutter(absl::Span<const double> series, double least_gain)
      : series_(series), least_gain_(least_gain) {}

  void Cut(int begin, int end) {
    double total = 0;
    for (int i = begin; i < end; ++i) total += series_[i];
    int best = -1;
    double best_gain = least_gain_;
    double left = 0;
    for (int i = begin + 1; i <= end - kLeastRows; ++i) {
      left += series_[i - 1];
      if (i < begin + kLeastRows) continue;
      const double right = total - left;
      const double gain =
          left * left / (i - begin) + right * right / (end - i) - total * total / (end - begin);
      if (gain > best_gain) {
        best = i;
        best_gain = gain;
      }
    }
    if (best < 0) return;
    Cut(begin, best);
    cuts_.push_back(best);
    Cut(best, end);
  }

  const std::vector<int>& cuts() const { return cuts_; }

 private:
  const absl::Span<const double> series_;
  const double least_gain_;
  std::vector<int> cuts_;
};

}  // namespace

std::vector<int> FindSessions(absl::Span<const double> residuals) {
  const int rows = static_cast<int>(residuals.size());
  if (rows < 2 * kLeastRows) return {};
  // From neighbours, so that steps do not count.
  double noise_variance = 0;
  for (int i = 1; i < rows; ++i) {
    const double difference = residuals[i] - residuals[i - 1];
    noise_variance += difference * difference / (2.0 * (rows - 1));
  }
  if (noise_variance <= 0) return {};
  Cutter cutter(residuals, kCutsWorth * std::log(rows) * noise_variance);
  cutter.Cut(0, rows);
  return cutter.cuts();
}

}  // namespace niwaki::predictor
