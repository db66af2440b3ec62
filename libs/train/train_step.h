// One step of supernet training: losses and summed gradients of the subnets that a step samples.

#ifndef NIWAKI_LIBS_TRAIN_TRAIN_STEP_H_
#define NIWAKI_LIBS_TRAIN_TRAIN_STEP_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/supernet/weights.h"
#include "libs/train/recipe.h"

namespace niwaki::train {

// What one step trains: the first learns from the labels, the others from the first's outputs.
struct StepPlan {
  // Index of the resolution that every subnet of the step has.
  uint8_t resolution = 0;
  std::vector<arch::Subnet> subnets;
};

// The plan of step `step`: a pure function of its arguments. With `largest_only` the largest subnet
// alone, else the largest, the smallest and `recipe.random_subnets` random ones.
StepPlan PlanStep(const arch::SearchSpace& space, const Recipe& recipe, uint64_t seed, int64_t step,
                  bool largest_only);

struct StepResult {
  // Of the largest subnet: cross entropy with smoothed labels in nats, and the fraction of the
  // batch it got right.
  double loss = 0;
  double accuracy = 0;
  // Mean loss of the distilled subnets; 0 where there are none.
  double distilled_loss = 0;
};

// Runs every subnet of `plan` forward on `images` [N, C, H, W] and backward, so that the weights'
// gradients grow by the sum over the subnets. `labels` [N] int64. The images are cut into shards of
// `recipe.shard_size`, each with batch norms over itself, worked on by up to `threads` threads with
// one operator thread each; gradients are added in shard order, so the result does not depend on
// `threads`. Running statistics follow the first shard. The errors of GuardTorch.
absl::StatusOr<StepResult> AccumulateGradients(const arch::SearchSpace& space,
                                               supernet::SharedWeights& weights,
                                               const Recipe& recipe, const StepPlan& plan,
                                               const at::Tensor& images, const at::Tensor& labels,
                                               int threads);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TRAIN_STEP_H_
