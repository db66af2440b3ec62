#include "libs/train/progress_meter.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace niwaki::train {
namespace {

// Least weight of a step in the averages.
constexpr double kAverageWeight = 0.05;
constexpr double kLeastSeconds = 1e-9;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

void ProgressMeter::Add(const StepResult& result, int64_t images, double seconds) {
  const double weight = std::max(kAverageWeight, 1.0 / ++steps_);
  loss_ += weight * (Mean(result.label_losses) - loss_);
  descended_loss_ += weight * (Mean(result.losses) - descended_loss_);
  accuracy_ += weight * (result.accuracy - accuracy_);
  images_ += images;
  seconds_ += seconds;
}

double ProgressMeter::images_per_second() const {
  return static_cast<double>(images_) / std::max(seconds_, kLeastSeconds);
}

}  // namespace niwaki::train
