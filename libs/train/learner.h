// Learner: what a training is at a moment, and what one step makes of it: weights, optimiser, kept
// teacher, scale of the loss and place in the schedule. The same on every rank.

#ifndef NIWAKI_LIBS_TRAIN_LEARNER_H_
#define NIWAKI_LIBS_TRAIN_LEARNER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/supernet.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/recipe/schedule.h"
#include "libs/train/step/loss_scale.h"
#include "libs/train/step/sgd.h"
#include "libs/train/step/train_batches.h"
#include "libs/train/step/train_step.h"
#include "libs/train/training_start.h"

namespace niwaki::train {

struct LearnerOptions {
  // "cpu" or "cuda": where the weights of the start are.
  std::string device = "cpu";
  // Shards worked on at once, on a CPU.
  int threads = 1;
  // Borrowed.
  GradientExchange* exchange = nullptr;
};

// Not thread-safe.
class Learner {
 public:
  // Takes over `start`: goes on from its checkpoint, or begins. `data` is borrowed. InvalidArgument
  // when the recipe does not fit the space, or gives some rank no work; DataLoss when the
  // checkpoint is damaged; the errors of GradientExchange. Throws as LibTorch does.
  static absl::StatusOr<std::unique_ptr<Learner>> Create(const data::PreparedData* data,
                                                         TrainingStart start,
                                                         const LearnerOptions& options);

  // One step, in the phase that its place in the schedule belongs to. FailedPrecondition with
  // reason SCORE_NOT_FINITE when the training diverged; the errors of AccumulateGradients and of
  // reading the data.
  absl::StatusOr<StepResult> Step();

  // Of the next step.
  double learning_rate() const { return schedule_.LearningRateAt(position()); }
  // Whether every step of the phase has been done.
  bool AtPhaseEnd() const { return position() >= schedule_.end(state_.phase); }
  // In [0, 1].
  double progress() const { return state_.progress(); }

  // Time that the steps took, over all parts of the training; it is the length of one by time.
  double elapsed_seconds() const { return state_.elapsed_seconds; }
  void set_elapsed_seconds(double seconds) { state_.elapsed_seconds = seconds; }

  absl::Status Save(const std::string& path) const;
  // As it is now, and as it was when this process took over.
  Manifest manifest() const;
  const Manifest& initial_manifest() const { return manifest_; }

  const supernet::Supernet& supernet() const { return *supernet_; }
  const Schedule& schedule() const { return schedule_; }
  const TrainingState& state() const { return state_; }
  const Recipe& recipe() const { return manifest_.recipe; }
  // Of the step before; there has been one.
  const Phase& phase() const { return schedule_.phase(state_.phase); }
  // Images of a step, over all ranks, and steps of an epoch.
  int64_t batch_size() const { return batches_.batch_size(); }
  int64_t steps_per_epoch() const { return batches_.steps_per_epoch(); }

 private:
  Learner(TrainingStart start, TrainBatches batches, Schedule schedule,
          const LearnerOptions& options);

  const arch::SearchSpace& space() const { return supernet_->space(); }
  // In the schedule.
  double position() const;
  absl::Status Restore(const tensorfile::SafetensorsFile* file,
                       const std::vector<std::string>& momentum);
  absl::Status RestoreTeacher(const tensorfile::SafetensorsFile* file);
  absl::Status EnterPhase(int index);
  absl::StatusOr<StepInput> NextInput();
  absl::Status Diverged(double loss, double norm) const;

  // Constant once created.
  const std::string device_;
  const int threads_;
  GradientExchange& exchange_;
  const std::unique_ptr<supernet::Supernet> supernet_;
  const Manifest manifest_;
  const Schedule schedule_;
  const ShardRange shards_;

  TrainBatches batches_;
  Sgd sgd_;
  // The kept teacher; null where there is none.
  std::unique_ptr<supernet::SharedWeights> teacher_;
  TrainingState state_;
  LossScale loss_scale_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_LEARNER_H_
