#include "libs/train/step/sgd.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/tensor_io.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;
using ::testing::ElementsAre;

supernet::SharedWeights Weights() {
  const auto space = arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      kernel_transform: KERNEL_TRANSFORM_MATRIX
      stem { width: 8 }
      stages { width: 8 depths: 1 kernel_sizes: [3, 5] expand_ratios: 2 } head {})");
  EXPECT_THAT(space.status(), IsOk());
  return supernet::SharedWeights::Random(*space, /*seed=*/1);
}

// Every number here and every product of them is exact in float32.
SgdOptions Halves() {
  SgdOptions options;
  options.momentum = 0.5;
  options.weight_decay = 0.25;
  return options;
}

void Fill(at::Tensor& tensor, float value) {
  c10::AutoGradMode no_gradients(false);
  tensor.fill_(value);
}

void SetGradient(at::Tensor& tensor, const at::Tensor& gradient) {
  tensor.mutable_grad() = gradient.expand(tensor.sizes()).contiguous();
}

// All elements, which are equal.
float ValueOf(const at::Tensor& tensor) {
  const float value = tensor.detach().flatten()[0].item<float>();
  EXPECT_TRUE(tensor.eq(value).all().item<bool>());
  return value;
}

// d = g + decay * w; v = momentum * v + d; w -= rate * (d + momentum * v), in three steps from w 8
// with the gradients 2, -4 and 0 at rate 1/2.
TEST(SgdTest, ThreeStepsAreNesterovsWithDecay) {
  auto weights = Weights();
  Sgd sgd(&weights, Halves());
  at::Tensor& kernel = weights.layer({WeightRole::kStem}).weight;
  Fill(kernel, 8);

  std::vector<float> values;
  for (const float gradient : {2.0f, -4.0f, 0.0f}) {
    SetGradient(kernel, at::tensor(gradient));
    sgd.Step(/*learning_rate=*/0.5);
    values.push_back(ValueOf(kernel));
  }

  // d 4, v 4, step 6; d -2.75, v -0.75, step -3.125; d 1.640625, v 1.265625, step 2.2734375.
  EXPECT_THAT(values, ElementsAre(5, 6.5625, 5.42578125));
}

TEST(SgdTest, BatchNormsAndBiasesDoNotDecay) {
  for (const bool bias : {false, true}) {
    auto weights = Weights();
    Sgd sgd(&weights, Halves());
    at::Tensor& tensor = bias ? weights.layer({WeightRole::kClassifier}).bias
                              : weights.layer({WeightRole::kStem}).norm_weight;
    Fill(tensor, 8);

    std::vector<float> values;
    for (const float gradient : {2.0f, -4.0f, 0.0f}) {
      SetGradient(tensor, at::tensor(gradient));
      sgd.Step(/*learning_rate=*/0.5);
      values.push_back(ValueOf(tensor));
    }

    // v 2, step 3; v -3, step -5.5; v -1.5, step -0.75.
    EXPECT_THAT(values, ElementsAre(6.5, 9.25, 9.625));
  }
}

TEST(SgdTest, KernelMatricesDecay) {
  auto weights = Weights();
  Sgd sgd(&weights, Halves());
  at::Tensor& matrix = weights.layer({WeightRole::kDepthwise, 0, 0}).matrix_5to3;
  SetGradient(matrix, at::tensor(0.0f));

  sgd.Step(/*learning_rate=*/1);

  // 1 - (1/4 + 1/2 * 1/4).
  EXPECT_TRUE(at::equal(matrix.detach(), at::eye(9) * 0.625f));
}

TEST(SgdTest, LongGradientsAreCutToTheLimit) {
  auto weights = Weights();
  SgdOptions options;
  options.momentum = 0;
  options.gradient_clip = 2.5;
  Sgd sgd(&weights, options);
  at::Tensor& bias = weights.layer({WeightRole::kClassifier}).bias;

  SetGradient(bias, at::tensor({3.0f, 0.0f, 4.0f}));
  EXPECT_EQ(sgd.Step(/*learning_rate=*/1), 5);
  EXPECT_TRUE(at::equal(bias.detach(), at::tensor({-1.5f, 0.0f, -2.0f})));

  SetGradient(bias, at::tensor({0.0f, 2.0f, 0.0f}));
  EXPECT_EQ(sgd.Step(/*learning_rate=*/1), 2);
  EXPECT_TRUE(at::equal(bias.detach(), at::tensor({-1.5f, -2.0f, -2.0f})));
}

TEST(SgdTest, TheNormIsOverAllTensors) {
  auto weights = Weights();
  Sgd sgd(&weights, {});
  SetGradient(weights.layer({WeightRole::kClassifier}).bias, at::tensor({2.0f, 1.0f, 2.0f}));
  SetGradient(weights.layer({WeightRole::kStem}).norm_bias,
              at::tensor({4.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f}));

  EXPECT_DOUBLE_EQ(sgd.Step(/*learning_rate=*/0), 5);
}

TEST(SgdTest, ScaledLossesMakeTheSameStep) {
  auto weights = Weights();
  SgdOptions options = Halves();
  options.gradient_clip = 2.5;
  Sgd sgd(&weights, options);
  at::Tensor& bias = weights.layer({WeightRole::kClassifier}).bias;

  SetGradient(bias, at::tensor({12.0f, 0.0f, 16.0f}));

  EXPECT_EQ(sgd.Step(/*learning_rate=*/1, /*loss_scale=*/4), 5);
  // (1 + 1/2) * half of (3, 0, 4).
  EXPECT_TRUE(at::equal(bias.detach(), at::tensor({-2.25f, 0.0f, -3.0f})));
}

TEST(SgdTest, GradientsAreZeroAfterAStep) {
  auto weights = Weights();
  Sgd sgd(&weights, {});
  at::Tensor& bias = weights.layer({WeightRole::kClassifier}).bias;
  SetGradient(bias, at::tensor({1.0f, 2.0f, 3.0f}));

  sgd.Step(/*learning_rate=*/1);

  EXPECT_TRUE(at::equal(bias.grad(), at::zeros({3})));
}

TEST(SgdTest, AGradientThatIsNotFiniteLeavesMomentumToo) {
  auto weights = Weights();
  Sgd sgd(&weights, Halves());
  at::Tensor& bias = weights.layer({WeightRole::kClassifier}).bias;
  SetGradient(bias, at::tensor(2.0f));
  sgd.Step(/*learning_rate=*/1);
  EXPECT_EQ(ValueOf(bias), -3);

  SetGradient(bias, at::tensor(std::numeric_limits<float>::quiet_NaN()));
  EXPECT_TRUE(std::isnan(sgd.Step(/*learning_rate=*/1)));
  SetGradient(bias, at::tensor(0.0f));
  sgd.Step(/*learning_rate=*/1);

  // The momentum of 2, halved twice, as if the step between had not been.
  EXPECT_EQ(ValueOf(bias), -3.5);
}

TEST(SgdTest, RestartForgetsMomentumAndWhoTookPart) {
  auto weights = Weights();
  Sgd sgd(&weights, Halves());
  at::Tensor& bias = weights.layer({WeightRole::kClassifier}).bias;
  SetGradient(bias, at::tensor(2.0f));
  sgd.Step(/*learning_rate=*/1);

  sgd.Restart();
  sgd.Step(/*learning_rate=*/1);

  EXPECT_EQ(ValueOf(bias), -3);
  sgd.ForEachVelocity([](const std::string& name, at::Tensor&) { ADD_FAILURE() << name; });
  SetGradient(bias, at::tensor(0.0f));
  sgd.Step(/*learning_rate=*/1);
  EXPECT_EQ(ValueOf(bias), -3);
}

TEST(SgdTest, SavedMomentumGoesOnBitForBit) {
  auto weights = Weights();
  Sgd sgd(&weights, {});
  at::manual_seed(1);
  at::Tensor& kernel = weights.layer({WeightRole::kStem}).weight;
  SetGradient(kernel, at::randn(kernel.sizes()));
  sgd.Step(/*learning_rate=*/0.1);
  auto copies = weights.Clone();
  Sgd copy(&copies, {});

  TensorWriter writer;
  sgd.Save(writer);
  const std::string bytes = writer.Serialize({});
  const auto file = tensorfile::Safetensors::Parse(bytes, "test");
  NIWAKI_ASSERT_OK(file.status());
  EXPECT_EQ(file->tensors.size(), 1u);
  EXPECT_EQ(file->tensors.count("optimizer.stem.weight"), 1u);
  NIWAKI_ASSERT_OK(copy.Load(file->tensors));
  sgd.Step(/*learning_rate=*/0.1);
  copy.Step(/*learning_rate=*/0.1);

  EXPECT_TRUE(at::equal(copies.layer({WeightRole::kStem}).weight, kernel));
}

TEST(SgdTest, TensorsNamedTakePartWithoutMomentum) {
  auto weights = Weights();
  Sgd sgd(&weights, Halves());

  sgd.TakePart({"stem.weight", "classifier.bias"});

  std::vector<std::string> names;
  sgd.ForEachVelocity([&](const std::string& name, at::Tensor& velocity) {
    names.push_back(name);
    EXPECT_EQ(velocity.abs().max().item<float>(), 0) << name;
  });
  EXPECT_THAT(names, ElementsAre("stem.weight", "classifier.bias"));
}

}  // namespace
}  // namespace niwaki::train
