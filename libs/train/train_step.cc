#include "libs/train/train_step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/data/parallel.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/torch_guard.h"

namespace niwaki::train {
namespace {

at::Tensor TrainingLogits(const arch::SearchSpace& space, const supernet::SharedWeights& weights,
                          const arch::Subnet& subnet, const at::Tensor& images) {
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  supernet::ForwardOptions options;
  options.mode = supernet::NormMode::kTrain;
  options.eps = space.batch_norm_eps();
  return supernet::Forward(graph, supernet::SliceWeights(weights, graph), images, options);
}

// A part of the batch, with gradients of its own.
struct Shard {
  at::Tensor images;
  at::Tensor labels;
  supernet::SharedWeights weights;
  StepResult result;
};

// Handles of the same values that collect gradients apart; running statistics are copied where
// another shard moves them.
supernet::SharedWeights TrainableAlias(const supernet::SharedWeights& weights,
                                       bool own_statistics) {
  supernet::SharedWeights alias = weights.Alias();
  alias.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse use) {
    if (use != supernet::TensorUse::kStatistic) {
      tensor.set_requires_grad(true);
    } else if (own_statistics) {
      tensor = tensor.clone();
    }
  });
  return alias;
}

void RunShard(const arch::SearchSpace& space, const Recipe& recipe, const StepPlan& plan,
              Shard& shard) {
  const at::Tensor logits =
      TrainingLogits(space, shard.weights, plan.subnets.front(), shard.images);
  at::Tensor loss = at::cross_entropy_loss(logits, shard.labels, /*weight=*/{}, at::Reduction::Mean,
                                           /*ignore_index=*/-100, recipe.label_smoothing);
  loss.backward();
  shard.result.loss = loss.item<double>();
  shard.result.accuracy =
      logits.detach().argmax(1).eq(shard.labels).to(at::kDouble).mean().item<double>();
  const at::Tensor teacher = logits.detach().softmax(1);
  for (size_t i = 1; i < plan.subnets.size(); ++i) {
    const at::Tensor student =
        TrainingLogits(space, shard.weights, plan.subnets[i], shard.images).log_softmax(1);
    at::Tensor distance = -(teacher * student).sum(1).mean();
    distance.backward();
    shard.result.distilled_loss += distance.item<double>() / (plan.subnets.size() - 1);
  }
}

// Adds a shard's gradients and losses with the weight of its part of the batch.
void AddShard(Shard& shard, double share, supernet::SharedWeights& weights, StepResult& total) {
  c10::AutoGradMode no_gradients(false);
  std::vector<at::Tensor> gradients;
  shard.weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    gradients.push_back(tensor.grad());
  });
  size_t i = 0;
  weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
    const at::Tensor& gradient = gradients[i++];
    if (gradient.defined()) tensor.mutable_grad().add_(gradient, share);
  });
  total.loss += share * shard.result.loss;
  total.accuracy += share * shard.result.accuracy;
  total.distilled_loss += share * shard.result.distilled_loss;
}

}  // namespace

StepPlan PlanStep(const arch::SearchSpace& space, const Recipe& recipe, uint64_t seed, int64_t step,
                  bool largest_only) {
  Random random(DeriveSeed(seed, static_cast<uint64_t>(step)));
  StepPlan plan;
  plan.resolution = static_cast<uint8_t>(random.Uniform(space.resolutions().size()));
  plan.subnets.push_back(arch::MaxSubnet(space));
  if (!largest_only) {
    plan.subnets.push_back(arch::MinSubnet(space));
    for (int i = 0; i < recipe.random_subnets; ++i) {
      plan.subnets.push_back(arch::SampleSubnet(space, random));
    }
  }
  for (arch::Subnet& subnet : plan.subnets) {
    subnet.genes[space.layout().resolution] = plan.resolution;
  }
  return plan;
}

absl::StatusOr<StepResult> AccumulateGradients(const arch::SearchSpace& space,
                                               supernet::SharedWeights& weights,
                                               const Recipe& recipe, const StepPlan& plan,
                                               const at::Tensor& images, const at::Tensor& labels,
                                               int threads) {
  const int64_t count = images.size(0);
  const int64_t size = recipe.shard_size > 0 ? recipe.shard_size : count;
  std::vector<Shard> shards;
  for (int64_t first = 0; first < count; first += size) {
    const int64_t length = std::min(size, count - first);
    shards.push_back({images.narrow(0, first, length),
                      labels.narrow(0, first, length),
                      TrainableAlias(weights, /*own_statistics=*/first > 0),
                      {}});
  }
  data::ParallelOptions parallel;
  parallel.threads = threads;
  const auto count_shards = static_cast<int64_t>(shards.size());
  NIWAKI_RETURN_IF_ERROR(data::ParallelFor(count_shards, parallel, [&](int64_t i) {
    return supernet::GuardTorch("training step", [&] {
      supernet::SetOperatorThreads(1);
      RunShard(space, recipe, plan, shards[i]);
    });
  }));
  return supernet::GuardTorch("sum gradients", [&] {
    StepResult total;
    for (Shard& shard : shards)
      AddShard(shard, static_cast<double>(shard.labels.size(0)) / count, weights, total);
    return total;
  });
}

}  // namespace niwaki::train
