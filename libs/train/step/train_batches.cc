#include "libs/train/step/train_batches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/types/span.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/batch.h"
#include "libs/supernet/torch_guard.h"

namespace niwaki::train {
namespace {

// Streams of randomness apart from that of the subnets.
constexpr uint64_t kOrderStream = 0x6f72646572;
constexpr uint64_t kAugmentStream = 0x6175676d;

}  // namespace

TrainBatches::TrainBatches(const data::PreparedData* data, int batch_size, Augmentation augment,
                           uint64_t seed)
    : data_(*data),
      batch_size_(std::min<int64_t>(batch_size, data->size(data::Split::kTrain))),
      augment_(augment),
      seed_(seed),
      steps_per_epoch_(std::max<int64_t>(1, data->size(data::Split::kTrain) / batch_size_)) {}

void TrainBatches::Shuffle(int64_t epoch) {
  epoch_ = epoch;
  order_.resize(data_.size(data::Split::kTrain));
  std::iota(order_.begin(), order_.end(), 0);
  Random random(DeriveSeed(DeriveSeed(seed_, kOrderStream), epoch));
  for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random.Uniform(i)]);
}

absl::StatusOr<TrainBatch> TrainBatches::Load(int64_t step, const arch::Resolution& resolution,
                                              int64_t first, int64_t count) {
  const int64_t epoch = step / steps_per_epoch_;
  if (epoch != epoch_) Shuffle(epoch);
  const auto indices =
      absl::MakeConstSpan(order_).subspan(step % steps_per_epoch_ * batch_size_ + first, count);
  return supernet::GuardTorch("load training batch", [&]() -> absl::StatusOr<TrainBatch> {
    TrainBatch batch;
    batch.images = at::empty(
        {count, data_.metadata().channels, resolution.height, resolution.width}, at::kFloat);
    batch.labels = at::empty({count}, at::kLong);
    float* images = batch.images.data_ptr<float>();
    int64_t* labels = batch.labels.data_ptr<int64_t>();
    if (augment_ != Augmentation::kNone) {
      data::AugmentOptions options;
      options.photo = augment_ == Augmentation::kPhoto;
      const uint64_t seed = DeriveSeed(DeriveSeed(seed_, kAugmentStream), epoch);
      NIWAKI_RETURN_IF_ERROR(data::FillAugmentedBatch(data_, data::Split::kTrain, indices,
                                                      resolution.height, resolution.width, options,
                                                      seed, images, labels));
    } else {
      NIWAKI_RETURN_IF_ERROR(data::FillBatch(data_, data::Split::kTrain, indices, resolution.height,
                                             resolution.width, images, labels));
    }
    batch.images = batch.images.contiguous(at::MemoryFormat::ChannelsLast);
    return batch;
  });
}

}  // namespace niwaki::train
