// Training of a feed-forward accuracy predictor on an encoding, as OFA's are (Cai 2020, §4.1 and
// appendix A): three hidden layers of 400 with ReLU, Adam, on scores that are centred and scaled.
//
// `structured` predictors (training.h) rank held-out networks better from the same scores and train
// in a fraction of the time; a network is for comparison, and for tables of tens of thousands.

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_MLP_TRAINING_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_MLP_TRAINING_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {

struct MlpTrainingOptions {
  int hidden_layers = 3;
  // Outputs of each hidden layer.
  int width = 400;
  // Steps of Adam, each of `batch_size` scores; 0 for ten passes over the scores, 300 at least:
  // more did not rank held-out networks better.
  int steps = 0;
  int batch_size = 64;
  // Peak; falls to 0 along a cosine.
  double learning_rate = 1e-3;
  // Added to the gradient of every weight, as a multiple of it.
  double weight_decay = 1e-4;
  // Of the weights, of the order of scores, and of the division into parts.
  uint64_t seed = 1;
  // Called before each fit with the number done and of all.
  std::function<void(int done, int total)> progress;

  // InvalidArgument with reason ARGUMENT_INVALID and the field, its value and the limit.
  absl::Status Validate() const;
};

struct TrainedMlp {
  // Of all scores.
  std::unique_ptr<MlpPredictor> predictor;
  // As in TrainedPredictor.
  HeldOut held_out;
};

// One network on all of `table`, which has been checked. Deterministic on one machine.
absl::StatusOr<std::unique_ptr<MlpPredictor>> FitMlp(const Encoder& encoder,
                                                     const ScoreTable& table,
                                                     const MlpTrainingOptions& options);

// With its held-out figures, from five further fits. The errors of Validate and of CheckScores.
absl::StatusOr<TrainedMlp> TrainMlp(const Encoder& encoder, const ScoreTable& table,
                                    const MlpTrainingOptions& options);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_MLP_TRAINING_H_
