// What a training needs besides the weights to go on as if it had never stopped.

#ifndef NIWAKI_LIBS_TRAIN_CHECKPOINT_TRAINING_STATE_H_
#define NIWAKI_LIBS_TRAIN_CHECKPOINT_TRAINING_STATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::train {

// Keys in a checkpoint's metadata, and the starts of the names of the optimiser's tensors and of
// the kept teacher's.
inline constexpr char kManifestKey[] = "niwaki.manifest";
inline constexpr char kTrainingKey[] = "niwaki.training";
inline constexpr char kOptimizerPrefix[] = "optimizer.";
inline constexpr char kTeacherPrefix[] = "optimizer.teacher.";

// All randomness of a step follows from (seed, step), so no generator has a state of its own.
struct TrainingState {
  uint64_t seed = 0;
  int64_t step = 0;
  // Length of the training: of the two, the one that is not 0.
  int64_t total_steps = 0;
  double budget_seconds = 0;
  // Time spent so far, over all parts of an interrupted training.
  double elapsed_seconds = 0;
  // Phase of the schedule that the weights have been made ready for; -1 before the first.
  int phase = -1;
  // Whether a teacher is kept beside the weights.
  bool has_teacher = false;
  // "f32", "bf16" or "f16", and the state of LossScale.
  std::string precision = "f32";
  double loss_scale = 1;
  int good_steps = 0;

  // In [0, 1].
  double progress() const;

  std::string ToJson() const;
  // DataLoss with reason DATA_CORRUPT.
  static absl::StatusOr<TrainingState> FromJson(absl::string_view text);
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CHECKPOINT_TRAINING_STATE_H_
