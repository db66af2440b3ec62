// TrainOptions: what to train, for how long, where to, and how to watch it. No LibTorch here.

#ifndef NIWAKI_LIBS_TRAIN_TRAIN_OPTIONS_H_
#define NIWAKI_LIBS_TRAIN_TRAIN_OPTIONS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/train/recipe/recipe.h"
#include "libs/train/train_progress.h"

namespace niwaki::train {

class GradientExchange;

struct TrainOptions {
  Recipe recipe;
  // Length of the training in time; 0 for `recipe.epochs`. A training of a given number of epochs
  // is deterministic.
  double minutes = 0;
  uint64_t seed = 1;
  // Where the supernet goes, and the name of its companions: OUTPUT.checkpoint and
  // OUTPUT.log.jsonl. A device or a pipe gets the supernet at the end, and has no companions.
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

  // `threads`, or one for each core.
  int work_threads() const;

  // InvalidArgument with reason ARGUMENT_INVALID names the field, its value and its limit; the
  // errors of Recipe::Validate and of supernet::CheckDevice.
  absl::Status Validate() const;

  // Whether the files could be written now: the errors of CheckWritable. Before the work.
  absl::Status CheckOutputs() const;
};

// Companions of a supernet file; whether there are any.
bool HasCompanions(const std::string& output);
std::string CheckpointPath(const std::string& output);
std::string LogPath(const std::string& output);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAIN_OPTIONS_H_
