// What a training says of itself: while it runs, and at its end. Values.

#ifndef NIWAKI_LIBS_TRAIN_TRAIN_PROGRESS_H_
#define NIWAKI_LIBS_TRAIN_TRAIN_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/train/corner_scores.h"
#include "libs/train/end_scores.h"

namespace niwaki::train {

struct TrainProgress {
  // Name of the phase, its number from 0, and how many there are.
  std::string phase;
  int phase_index = 0;
  int phases = 0;
  int64_t step = 0;
  // Estimated from the time so far when the length is a time.
  int64_t total_steps = 0;
  // In [0, 1].
  double progress = 0;
  double learning_rate = 0;
  // On the training images, exponential averages: cross entropy with labels and loss descended,
  // each the mean over a step's subnets, and accuracy of the first (with the sandwich rule the
  // largest).
  double loss = 0;
  double descended_loss = 0;
  double accuracy = 0;
  double images_per_second = 0;
  double elapsed_seconds = 0;
  double eta_seconds = 0;
  // Set when the two ends have just been evaluated on the validation split.
  std::optional<EndScores> evaluated;
  // Set when the phase has just ended: the subnets of Recipe::phase_validation.
  std::vector<CornerScore> corners;
};

struct TrainSummary {
  std::string output;
  // SHA-256 of the file.
  std::string digest;
  // Why the log lacks lines, such as a disk that was full for a while; empty where it has all.
  std::string log_error;
  int64_t steps = 0;
  double epochs = 0;
  double elapsed_seconds = 0;
  // Training images per second, evaluation not counted.
  double images_per_second = 0;
  // Zero images on other ranks than 0.
  EndScores validation;
  // Zero images where the data has no test split.
  EndScores test;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAIN_PROGRESS_H_
