// The training split in batches, shuffled anew every epoch.

#ifndef NIWAKI_LIBS_TRAIN_STEP_TRAIN_BATCHES_H_
#define NIWAKI_LIBS_TRAIN_STEP_TRAIN_BATCHES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/prepared.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

struct TrainBatch {
  at::Tensor images;  // [N, C, H, W] float32, channels last
  at::Tensor labels;  // [N] int64
};

// What step n sees is a pure function of (data, batch_size, augmentation, seed, n), whoever loads
// which part of it. Not thread-safe.
class TrainBatches {
 public:
  // `data` is borrowed; its training split is not empty.
  TrainBatches(const data::PreparedData* data, int batch_size, Augmentation augment, uint64_t seed);

  // Whole batches of an epoch; at least 1. Examples beyond the last whole batch wait for another
  // epoch's order.
  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  int64_t batch_size() const { return batch_size_; }

  // The `count` images from `first` on of the step's batch.
  absl::StatusOr<TrainBatch> Load(int64_t step, const arch::Resolution& resolution, int64_t first,
                                  int64_t count);

 private:
  void Shuffle(int64_t epoch);

  const data::PreparedData& data_;
  const int64_t batch_size_;
  const Augmentation augment_;
  const uint64_t seed_;
  const int64_t steps_per_epoch_;
  int64_t epoch_ = -1;
  std::vector<int64_t> order_;
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_STEP_TRAIN_BATCHES_H_
