// From measured scores to a predictor file: what kind, how it is trained, what the file says of it.

#ifndef NIWAKI_LIBS_PREDICTOR_PREDICTOR_TRAINING_H_
#define NIWAKI_LIBS_PREDICTOR_PREDICTOR_TRAINING_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/mlp/mlp_training.h"
#include "libs/predictor/predictor_file.h"
#include "libs/predictor/score_table.h"

namespace niwaki::predictor {

inline constexpr char kStructuredKind[] = "structured";
inline constexpr char kMlpKind[] = "mlp";

struct PredictorTraining {
  // kStructuredKind (training.h) or kMlpKind (mlp/mlp_training.h).
  std::string kind = kStructuredKind;
  // Of the division into parts that are held out, and of an mlp's weights.
  uint64_t seed = 1;
  // Of an mlp: a name of EncodingFromName, and MlpTrainingOptions::steps.
  std::string encoding = "one_hot";
  int steps = MlpTrainingOptions().steps;
  // Where the scores come from, for people; at most 1000 bytes.
  std::string source;
  // Called before each fit with the number done and of all.
  std::function<void(int done, int total)> progress;
};

// Trains on all of `table`, measures on held-out parts, and writes the predictor to `path`, with
// what is known of it, which is returned. InvalidArgument with reason ARGUMENT_INVALID for an
// unknown kind or encoding; the errors of CheckScores and WritePredictor.
absl::StatusOr<PredictorInfo> TrainToFile(const arch::SearchSpace& space, const ScoreTable& table,
                                          const PredictorTraining& training,
                                          const std::string& path);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_PREDICTOR_TRAINING_H_
