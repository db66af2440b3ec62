// ProgressMeter: throughput and running averages of the steps of a training.

#ifndef NIWAKI_LIBS_TRAIN_PROGRESS_METER_H_
#define NIWAKI_LIBS_TRAIN_PROGRESS_METER_H_

#include <cstdint>

#include "libs/train/step/train_step.h"

namespace niwaki::train {

// Counts from when this process began. Not thread-safe.
class ProgressMeter {
 public:
  // A step over `images` images that took `seconds`.
  void Add(const StepResult& result, int64_t images, double seconds);

  // Exponential averages, a step's weight 1 / 20; of the first 20 steps plain means. The losses are
  // each the mean over the step's subnets; the accuracy is the first's. 0 before the first step.
  double loss() const { return loss_; }
  double descended_loss() const { return descended_loss_; }
  double accuracy() const { return accuracy_; }

  double images_per_second() const;

 private:
  int64_t steps_ = 0;
  int64_t images_ = 0;
  double seconds_ = 0;
  double loss_ = 0;
  double descended_loss_ = 0;
  double accuracy_ = 0;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_PROGRESS_METER_H_
