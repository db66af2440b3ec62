// One step of supernet training: losses and summed gradients of the subnets that a step samples.

#ifndef NIWAKI_LIBS_TRAIN_STEP_TRAIN_STEP_H_
#define NIWAKI_LIBS_TRAIN_STEP_TRAIN_STEP_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/supernet/weights.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/recipe/recipe.h"
#include "libs/train/recipe/step_plan.h"

namespace niwaki::train {

// A batch is cut into shards of `shard_size` images, which are normalised together; rank r of w
// works on the shards [first, last) of `ShardsOf(…, r, w)`.
struct ShardRange {
  int64_t first = 0;
  int64_t last = 0;
  int64_t total = 0;
  int64_t shard_size = 0;
  int64_t batch_size = 0;

  int64_t first_image() const { return first * shard_size; }
  int64_t images() const;
};
// `shard_size` 0 makes one shard.
ShardRange ShardsOf(int64_t batch_size, int64_t shard_size, int rank, int world_size);

struct StepInput {
  StepPlan plan;
  // This process's part of the batch: [n, C, H, W], and [n] int64, n = shards.images(); on the
  // device of the weights.
  at::Tensor images;
  at::Tensor labels;
  ShardRange shards;
  // Dropout is a pure function of these and an image's place in the batch.
  uint64_t seed = 0;
  int64_t step = 0;
  // The largest subnet that was kept; null where the phase does not use it.
  const supernet::SharedWeights* teacher = nullptr;
  // Shards worked on at once, with one operator thread each; the result does not depend on it.
  int threads = 1;
  // Convolutions and linear layers compute in this type; batch norms, losses and the gradients of
  // the weights stay float32. kDouble with weights of that type.
  at::ScalarType compute_type = at::kFloat;
  // Gradients are those of the loss times this.
  double loss_scale = 1;
};

struct StepResult {
  // One for each subnet of the plan, means over the batch: the loss that was descended, and the
  // cross entropy with smoothed labels in nats.
  std::vector<double> losses;
  std::vector<double> label_losses;
  // Fraction of the batch that the first subnet got right.
  double accuracy = 0;
};

// Runs every subnet of the plan forward and backward, so that the weights' gradients grow by the
// sum over the subnets (not their mean: OFA's released code) of the gradient of the mean loss over
// the whole batch, the parts of the other processes included. Shards are added in PairwiseOrder, so
// the result depends neither on `threads` nor, where every process has the same number of shards
// and that is a power of two, on the number of processes. Running statistics follow the batch's
// first shard, on rank 0. The errors of GuardTorch and of GradientExchange.
absl::StatusOr<StepResult> AccumulateGradients(const arch::SearchSpace& space,
                                               supernet::SharedWeights& weights,
                                               const Recipe& recipe, const Phase& phase,
                                               const StepInput& input, GradientExchange& exchange);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_STEP_TRAIN_STEP_H_
