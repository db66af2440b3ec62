#include "libs/train/train_step.h"

#include <ATen/ATen.h>

#include <utility>

#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/supernet/forward.h"

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

StepResult AccumulateGradients(const arch::SearchSpace& space,
                               const supernet::SharedWeights& weights, const Recipe& recipe,
                               const StepPlan& plan, const at::Tensor& images,
                               const at::Tensor& labels) {
  StepResult result;
  const at::Tensor logits = TrainingLogits(space, weights, plan.subnets.front(), images);
  at::Tensor loss = at::cross_entropy_loss(logits, labels, /*weight=*/{}, at::Reduction::Mean,
                                           /*ignore_index=*/-100, recipe.label_smoothing);
  loss.backward();
  result.loss = loss.item<double>();
  result.accuracy = logits.detach().argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
  const at::Tensor teacher = logits.detach().softmax(1);
  for (size_t i = 1; i < plan.subnets.size(); ++i) {
    const at::Tensor student =
        TrainingLogits(space, weights, plan.subnets[i], images).log_softmax(1);
    at::Tensor distance = -(teacher * student).sum(1).mean();
    distance.backward();
    result.distilled_loss += distance.item<double>() / (plan.subnets.size() - 1);
  }
  return result;
}

}  // namespace niwaki::train
