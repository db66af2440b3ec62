// What the benchmarks of predictors measure.

#ifndef NIWAKI_LIBS_PREDICTOR_PREDICTOR_BENCHMARK_H_
#define NIWAKI_LIBS_PREDICTOR_PREDICTOR_BENCHMARK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/evaluation.h"
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
  // Kendall's within one input size; of the predictor, of the regression, and of the order by MACs
  // and by parameters, which has a pooled one, too.
  double within = 0;
  double linear_within = 0;
  Baseline macs;
  Baseline parameters;
  // Of one training, without held-out figures.
  double training_seconds = 0;
};

// How a StructuredPredictor and linear regression on one_hot do with few and with many scores.
struct SizeFigures {
  int scores = 0;
  // Means over the draws: over all pairs, of one input size, and of those of one session of the
  // whole table (the first again where it has one).
  double kendall = 0;
  double within = 0;
  double session = 0;
  double linear_kendall = 0;
  double linear_within = 0;
  double seconds = 0;
};

// `draws` times (seeds 1, 2, …) `held` networks of `table` are held out and predictors trained on
// the first of the others, in random order; a size is cut down to what is left, and named as it
// then is. The errors of CheckScores.
absl::StatusOr<std::vector<SizeFigures>> MeasureSizes(const arch::SearchSpace& space,
                                                      const ScoreTable& table, int held, int draws,
                                                      const std::vector<int>& sizes);

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
