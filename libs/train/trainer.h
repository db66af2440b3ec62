// Trainer: trains a supernet on prepared data, with progress, a log, checkpoints and resumption. No
// LibTorch here.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto trainer, Trainer::Create(space, data.get(), options));
//   NIWAKI_ASSIGN_OR_RETURN(TrainSummary summary, trainer->Run());

#ifndef NIWAKI_LIBS_TRAIN_TRAINER_H_
#define NIWAKI_LIBS_TRAIN_TRAINER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/base/clock.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

class GradientExchange;

// Scores of the two ends of a space.
struct EndScores {
  supernet::Score largest;
  supernet::Score smallest;
};

// One of the subnets that are scored when a phase ends.
struct CornerScore {
  // Resolution, then the choices of each elastic dimension: "R224-K7-E6-D4".
  std::string name;
  supernet::Score score;
};

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

struct TrainOptions {
  Recipe recipe;
  // Length of the training in time; 0 for `recipe.epochs`. A training of a given number of epochs
  // is deterministic.
  double minutes = 0;
  uint64_t seed = 1;
  // Where the supernet goes, and the name of its companions: OUTPUT.checkpoint and
  // OUTPUT.log.jsonl.
  std::string output;
  // Go on from OUTPUT.checkpoint: recipe, seed, length and precision are then those of the
  // interrupted training.
  bool resume = false;
  // "cpu" or "cuda".
  std::string device = "cpu";
  // "f32"; on cuda also "bf16" or "f16" (with a dynamic scale of the loss), in which convolutions
  // and linear layers compute.
  std::string precision = "f32";
  // The other processes of this training; null for none; borrowed. Rank 0 alone reads and writes
  // files, evaluates and reports; its recipe, seed and length hold for all.
  GradientExchange* exchange = nullptr;
  // Threads, each at work on a shard of the batch; 0 for one for each core. The result does not
  // depend on it.
  int threads = 0;
  // Evaluations of both ends while training, evenly spaced; 0 for none.
  int evaluations = 4;
  // Validation images of those; the final ones use all.
  int64_t evaluation_images = 512;
  int64_t calibration_images = 512;
  double checkpoint_seconds = 60;
  // Training stops with a checkpoint soon after this becomes true. May be null; borrowed.
  const std::atomic<bool>* stop = nullptr;
  // Called after every step, on the calling thread.
  std::function<void(const TrainProgress&)> on_progress;
  // Borrowed.
  Clock* clock = &Clock::Real();

  absl::Status Validate() const;
};

struct TrainSummary {
  std::string output;
  // SHA-256 of the file.
  std::string digest;
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

// Not thread-safe.
class Trainer {
 public:
  // `data` is borrowed and outlives the trainer. InvalidArgument for options out of range;
  // FailedPrecondition with reason SUPERNET_MISMATCH when data and space, or a checkpoint and
  // either, do not fit; NotFound when there is no checkpoint to resume from; DataLoss when it is
  // damaged.
  static absl::StatusOr<std::unique_ptr<Trainer>> Create(const arch::SearchSpace& space,
                                                         const data::PreparedData* data,
                                                         const TrainOptions& options);
  virtual ~Trainer() = default;

  // Trains to the end, writes the supernet, scores its two ends after recalibration. Cancelled with
  // reason SHUTTING_DOWN when stopped, the checkpoint written; FailedPrecondition with reason
  // SCORE_NOT_FINITE when the training diverged; Unavailable with SERVICE_UNAVAILABLE when another
  // process is gone; ResourceExhausted when memory or disk ran out.
  virtual absl::StatusOr<TrainSummary> Run() = 0;

  virtual const supernet::Supernet& supernet() const = 0;
};

// The two ends of a supernet's space, each at its own resolution.
absl::StatusOr<EndScores> ScoreEnds(const supernet::Supernet& supernet,
                                    const data::PreparedData& data,
                                    const supernet::ScoreOptions& options);

// Companions of a supernet file.
std::string CheckpointPath(const std::string& output);
std::string LogPath(const std::string& output);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAINER_H_
