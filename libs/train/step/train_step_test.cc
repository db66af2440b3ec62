#include "libs/train/step/train_step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;

constexpr uint64_t kSeed = 5;
constexpr int64_t kImages = 12;
constexpr double kSmoothing = 0.1;
// Of the labels of Step: 6, 4 and 2 of 12.
constexpr double kShares[] = {0.5, 1.0 / 3, 1.0 / 6};

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 8 }
      stages { width: 8 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [1, 2] } head {})");
}

// One step of random weights on random images.
struct Step {
  arch::SearchSpace space = Space();
  supernet::SharedWeights weights = supernet::SharedWeights::Random(space, kSeed);
  supernet::SharedWeights teacher = supernet::SharedWeights::Random(space, kSeed + 1);
  Recipe recipe;
  Phase phase;
  StepInput input;
  SingleProcess single;

  Step() {
    at::manual_seed(kSeed);
    recipe.label_smoothing = kSmoothing;
    input.images = at::randn({kImages, 1, 8, 8}).contiguous(at::MemoryFormat::ChannelsLast);
    input.labels = at::tensor({0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2}, at::kLong);
    input.plan.largest = arch::MaxSubnet(space);
    input.plan.subnets = {arch::MaxSubnet(space)};
    input.seed = kSeed;
    input.teacher = &teacher;
    CutInto(/*shard_size=*/0);
  }

  void CutInto(int64_t shard_size) { input.shards = ShardsOf(kImages, shard_size, 0, 1); }

  // Logits are then the bias, whatever the image.
  static void FixLogits(supernet::SharedWeights& weights, const std::vector<float>& logits) {
    weights.layer({WeightRole::kClassifier}).weight.zero_();
    weights.layer({WeightRole::kClassifier}).bias.copy_(at::tensor(logits));
  }

  StepResult Run() {
    auto result = AccumulateGradients(space, weights, recipe, phase, input, single);
    EXPECT_THAT(result.status(), IsOk());
    return *result;
  }

  std::vector<double> BiasGradient() {
    const at::Tensor gradient = weights.layer({WeightRole::kClassifier}).bias.grad();
    std::vector<double> values;
    for (int64_t i = 0; i < gradient.numel(); ++i) values.push_back(gradient[i].item<double>());
    return values;
  }

  at::Tensor AllGradients() {
    std::vector<at::Tensor> rows;
    weights.ForEach([&](const std::string&, at::Tensor& tensor, supernet::TensorUse) {
      if (tensor.grad().defined()) rows.push_back(tensor.grad().reshape({-1}));
    });
    return at::cat(rows);
  }
};

TEST(ShardsTest, RanksShareTheShardsInOrder) {
  const ShardRange first = ShardsOf(/*batch_size=*/40, /*shard_size=*/16, 0, 2);
  const ShardRange second = ShardsOf(40, 16, 1, 2);

  // Three shards, the last of 8 images.
  EXPECT_EQ(first.total, 3);
  EXPECT_EQ(first.first_image(), 0);
  EXPECT_EQ(first.images(), 16);
  EXPECT_EQ(second.first_image(), 16);
  EXPECT_EQ(second.images(), 24);
}

TEST(ShardsTest, SizeZeroAndSizesBeyondTheBatchMakeOne) {
  for (const int64_t size : {0, 40, 64}) {
    const ShardRange range = ShardsOf(40, size, 0, 1);
    EXPECT_EQ(range.total, 1) << size;
    EXPECT_EQ(range.shard_size, 40) << size;
    EXPECT_EQ(range.images(), 40) << size;
  }
}

TEST(TrainStepTest, EqualLogitsLoseTheLogarithmOfTheClasses) {
  for (const int64_t shard_size : {0, 4, 5}) {
    Step step;
    step.CutInto(shard_size);
    Step::FixLogits(step.weights, {0, 0, 0});

    const StepResult result = step.Run();

    EXPECT_NEAR(result.losses[0], std::log(3), 1e-6);
    EXPECT_NEAR(result.label_losses[0], std::log(3), 1e-6);
    // The first class stands for all.
    EXPECT_NEAR(result.accuracy, kShares[0], 1e-12);
    // Softmax less smoothed labels, over the whole batch.
    const std::vector<double> gradient = step.BiasGradient();
    for (int c = 0; c < 3; ++c) {
      const double target = (1 - kSmoothing) * kShares[c] + kSmoothing / 3;
      EXPECT_NEAR(gradient[c], 1.0 / 3 - target, 1e-6) << "class " << c;
    }
  }
}

TEST(TrainStepTest, KnownLogitsHaveTheirCrossEntropy) {
  Step step;
  step.recipe.label_smoothing = 0;
  Step::FixLogits(step.weights, {1, 0, -1});

  const StepResult result = step.Run();

  const double total = std::exp(1.0) + 1 + std::exp(-1.0);
  EXPECT_NEAR(result.losses[0], std::log(total) - kShares[0] + kShares[2], 1e-6);
  EXPECT_NEAR(step.BiasGradient()[1], 1 / total - kShares[1], 1e-6);
}

TEST(TrainStepTest, KeptTeachersAreLearntFrom) {
  Step step;
  step.phase.teacher = kStartTeacher;
  step.phase.kd_ratio = 0.5;
  step.phase.label_ratio = 0;
  Step::FixLogits(step.weights, {0, 0, 0});
  Step::FixLogits(step.teacher, {std::log(2.0f), 0, 0});

  const StepResult result = step.Run();

  // The teacher says 1/2, 1/4, 1/4.
  EXPECT_NEAR(result.losses[0], 0.5 * std::log(3), 1e-6);
  EXPECT_NEAR(result.label_losses[0], std::log(3), 1e-6);
  const std::vector<double> gradient = step.BiasGradient();
  EXPECT_NEAR(gradient[0], 0.5 * (1.0 / 3 - 0.5), 1e-6);
  EXPECT_NEAR(gradient[1], 0.5 * (1.0 / 3 - 0.25), 1e-6);
}

TEST(TrainStepTest, MeanSquaresAreOfTheLogits) {
  Step step;
  step.phase.teacher = kStartTeacher;
  step.phase.distillation = DistillationLoss::kMeanSquare;
  step.phase.kd_ratio = 0.25;
  step.phase.label_ratio = 2;
  Step::FixLogits(step.weights, {0, 0, 0});
  Step::FixLogits(step.teacher, {3, 0, 0});

  const StepResult result = step.Run();

  // 9 / 3 between the logits.
  EXPECT_NEAR(result.losses[0], 0.25 * 3 + 2 * std::log(3), 1e-5);
}

// The largest learns from the labels, the others from it.
TEST(TrainStepTest, LiveTeachersAreTheLargestOfTheStep) {
  Step step;
  step.phase.teacher = kLiveTeacher;
  step.phase.kd_ratio = 0.5;
  step.phase.label_ratio = 0;
  step.input.plan.subnets = {arch::MaxSubnet(step.space), arch::MinSubnet(step.space)};
  step.recipe.label_smoothing = 0;
  Step::FixLogits(step.weights, {1, 0, -1});

  const StepResult result = step.Run();

  const double total = std::exp(1.0) + 1 + std::exp(-1.0);
  const double label_loss = std::log(total) - kShares[0] + kShares[2];
  const double entropy = std::log(total) - (std::exp(1.0) - std::exp(-1.0)) / total;
  EXPECT_NEAR(result.losses[0], label_loss, 1e-6);
  EXPECT_NEAR(result.losses[1], 0.5 * entropy, 1e-6);
}

TEST(TrainStepTest, TeachersGetNoGradientAndKeepTheirStatistics) {
  Step step;
  step.phase.teacher = kStartTeacher;
  const supernet::SharedWeights before = step.teacher.Clone();

  step.Run();

  step.teacher.ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
    EXPECT_FALSE(tensor.grad().defined()) << name;
  });
  const supernet::LayerWeights& stem = step.teacher.layer({WeightRole::kStem});
  EXPECT_TRUE(at::equal(stem.norm_mean, before.layer({WeightRole::kStem}).norm_mean));
}

TEST(TrainStepTest, ThreadsChangeNoBit) {
  Step one;
  Step four;
  for (Step* step : {&one, &four}) {
    step->CutInto(/*shard_size=*/3);
    step->recipe.dropout = 0.2;
    step->input.plan.subnets.push_back(arch::MinSubnet(step->space));
  }
  four.input.threads = 4;

  const StepResult first = one.Run();
  const StepResult second = four.Run();

  EXPECT_EQ(first.losses, second.losses);
  EXPECT_TRUE(at::equal(one.AllGradients(), four.AllGradients()));
}

TEST(TrainStepTest, GradientsGrowUntilTheyAreTaken) {
  Step once;
  Step twice;
  Step::FixLogits(once.weights, {1, 0, -1});
  Step::FixLogits(twice.weights, {1, 0, -1});

  once.Run();
  twice.Run();
  twice.Run();

  for (int c = 0; c < 3; ++c) {
    EXPECT_DOUBLE_EQ(twice.BiasGradient()[c], 2 * once.BiasGradient()[c]);
  }
}

TEST(TrainStepTest, TensorsOutsideTheSubnetsHaveNoGradient) {
  Step step;
  step.input.plan.subnets = {arch::MinSubnet(step.space)};

  step.Run();

  EXPECT_TRUE(step.weights.layer({WeightRole::kDepthwise, 0, 0}).weight.grad().defined());
  EXPECT_FALSE(step.weights.layer({WeightRole::kDepthwise, 0, 1}).weight.grad().defined());
}

TEST(TrainStepTest, DropoutFollowsSeedAndStep) {
  const auto gradients = [](double dropout, int64_t number) {
    Step step;
    step.recipe.dropout = dropout;
    step.input.step = number;
    step.Run();
    return step.AllGradients();
  };

  const at::Tensor first = gradients(0.3, 1);

  EXPECT_TRUE(at::equal(gradients(0.3, 1), first));
  EXPECT_FALSE(at::equal(gradients(0.3, 2), first));
  EXPECT_FALSE(at::equal(gradients(0, 1), first));
}

// What the others see moves nothing.
TEST(TrainStepTest, RunningStatisticsFollowTheFirstShard) {
  Step step;
  Step other;
  step.CutInto(/*shard_size=*/6);
  other.CutInto(/*shard_size=*/6);
  other.input.images = other.input.images.clone();
  other.input.images.narrow(0, 6, 6).mul_(3);
  const at::Tensor initial = step.weights.layer({WeightRole::kStem}).norm_var.clone();

  step.Run();
  other.Run();

  const at::Tensor moved = step.weights.layer({WeightRole::kStem}).norm_var;
  EXPECT_FALSE(at::equal(moved, initial));
  EXPECT_TRUE(at::equal(moved, other.weights.layer({WeightRole::kStem}).norm_var));
}

}  // namespace
}  // namespace niwaki::train
