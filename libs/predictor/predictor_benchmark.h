// What the benchmarks of predictors measure.

#ifndef NIWAKI_LIBS_PREDICTOR_PREDICTOR_BENCHMARK_H_
#define NIWAKI_LIBS_PREDICTOR_PREDICTOR_BENCHMARK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {

// Means over splits of a table into four fifths to train on and one fifth held out.
struct SplitFigures {
  int splits = 0;
  double kendall = 0;
  double least_kendall = 0;
  double rmse = 0;
  // Of plain linear regression on the one_hot encoding, on the same splits.
  double linear_kendall = 0;
  double linear_rmse = 0;
  // Of one training, without held-out figures.
  double training_seconds = 0;
};

// On splits of seeds 1 to `splits`. The errors of CheckScores.
absl::StatusOr<SplitFigures> MeasureSplits(const arch::SearchSpace& space, const ScoreTable& table,
                                           int splits);

// Speeds on one core, subnets in large batches, encoding included.
struct PredictionRates {
  // A network of OFA's published predictor's size, 128-400-400-400-1, with random weights.
  double mlp_us = 0;
  // Its arithmetic: multiply-adds of a network of mean size, and how many of them the fused
  // multiply-adds of one core do in a second where nothing else is to be done.
  double mlp_multiply_adds = 0;
  double peak_multiply_adds_per_second = 0;
  // A StructuredPredictor of the same space.
  double structured_us = 0;
};

absl::StatusOr<PredictionRates> MeasurePredictions(double seconds_each);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_PREDICTOR_BENCHMARK_H_
