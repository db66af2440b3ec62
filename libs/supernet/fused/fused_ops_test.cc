#include "libs/supernet/fused/fused_ops.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <tuple>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"

namespace niwaki::supernet {
namespace {

using arch::OpActivation;

constexpr uint64_t kSeed = 11;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor Activated(const at::Tensor& x, OpActivation activation) {
  switch (activation) {
    case OpActivation::kRelu:
      return at::relu(x);
    case OpActivation::kRelu6:
      return at::hardtanh(x, 0, 6);
    case OpActivation::kHardSwish:
      return at::hardswish(x);
    default:
      return x;
  }
}

// Two leaves with the same values.
std::pair<at::Tensor, at::Tensor> Leaves(const at::Tensor& values) {
  return {values.clone().set_requires_grad(true), values.clone().set_requires_grad(true)};
}

class DepthwiseTest : public ::testing::TestWithParam<std::tuple<int, int, int, int>> {};

TEST_P(DepthwiseTest, ValueAndGradientsAreThoseOfLibTorch) {
  const auto [channels, kernel_size, stride, side] = GetParam();
  at::manual_seed(kSeed);
  const auto [x, x_reference] =
      Leaves(at::randn({3, channels, side, side + 2}).contiguous(kChannelsLast));
  const auto [w, w_reference] = Leaves(at::randn({channels, 1, kernel_size, kernel_size}));

  const at::Tensor y = FastDepthwise(x, w, {}, stride, OpActivation::kNone);
  const at::Tensor expected =
      at::conv2d(x_reference, w_reference, {}, stride, kernel_size / 2, 1, channels);
  const at::Tensor upstream = at::randn(expected.sizes());
  (y * upstream).sum().backward();
  (expected * upstream).sum().backward();

  EXPECT_LT(Distance(y, expected), 2e-5);
  EXPECT_LT(Distance(x.grad(), x_reference.grad()), 2e-5);
  EXPECT_LT(Distance(w.grad(), w_reference.grad()), 2e-4);
}

INSTANTIATE_TEST_SUITE_P(Shapes, DepthwiseTest,
                         ::testing::Combine(::testing::Values(8, 24, 48),
                                            ::testing::Values(3, 5, 7), ::testing::Values(1, 2),
                                            ::testing::Values(1, 2, 5, 12)));

class NormActivateTest : public ::testing::TestWithParam<OpActivation> {};

TEST_P(NormActivateTest, ValueAndGradientsAreThoseOfLibTorch) {
  at::manual_seed(kSeed);
  const auto [x, x_reference] =
      Leaves((at::randn({5, 24, 7, 9}) * 3 + 1).contiguous(kChannelsLast));
  const auto [w, w_reference] = Leaves(at::rand({24}) + 0.5);
  const auto [b, b_reference] = Leaves(at::randn({24}));
  constexpr double kEps = 1e-3;

  BatchMoments moments;
  const at::Tensor y = FastNormActivate(x, w, b, kEps, GetParam(), moments);
  at::Tensor expected = std::get<0>(
      at::native_batch_norm(x_reference, w_reference, b_reference, {}, {}, true, 0.0, kEps));
  expected = Activated(expected, GetParam());
  const at::Tensor upstream = at::randn(expected.sizes());
  (y * upstream).sum().backward();
  (expected * upstream).sum().backward();

  EXPECT_LT(Distance(y, expected), 1e-5);
  EXPECT_LT(Distance(x.grad(), x_reference.grad()), 1e-5);
  EXPECT_LT(Distance(w.grad(), w_reference.grad()), 1e-4);
  EXPECT_LT(Distance(b.grad(), b_reference.grad()), 1e-4);
  EXPECT_LT(Distance(moments.mean, x.detach().to(at::kDouble).mean({0, 2, 3})), 1e-6);
  EXPECT_LT(Distance(moments.variance, x.detach().to(at::kDouble).var({0, 2, 3}, false)), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Activations, NormActivateTest,
                         ::testing::Values(OpActivation::kNone, OpActivation::kRelu,
                                           OpActivation::kRelu6, OpActivation::kHardSwish));

class InferenceTest : public ::testing::TestWithParam<OpActivation> {};

TEST_P(InferenceTest, BiasAndActivationFollowTheConvolution) {
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  const at::Tensor x = (at::randn({2, 16, 6, 5}) * 3).contiguous(kChannelsLast);
  const at::Tensor w = at::randn({16, 1, 5, 5});
  const at::Tensor bias = at::randn({16});

  const at::Tensor y = FastDepthwise(x, w, bias, /*stride=*/2, GetParam());

  const at::Tensor expected = Activated(at::conv2d(x, w, bias, 2, 2, 1, 16), GetParam());
  EXPECT_LT(Distance(y, expected), 1e-4);
}

TEST_P(InferenceTest, NormsComputeAsWithGradients) {
  at::manual_seed(kSeed);
  const at::Tensor x = (at::randn({3, 8, 4, 5}) + 2).contiguous(kChannelsLast);
  const at::Tensor w = at::rand({8}) + 0.5;
  const at::Tensor b = at::randn({8});
  BatchMoments learning, observing;
  const at::Tensor expected = FastNormActivate(x, w, b, 1e-5, GetParam(), learning);
  c10::InferenceMode no_gradients;

  const at::Tensor y = FastNormActivate(x.clone(), w, b, 1e-5, GetParam(), observing);

  EXPECT_TRUE(at::equal(y, expected));
  EXPECT_TRUE(at::equal(observing.mean, learning.mean));
  EXPECT_TRUE(at::equal(observing.variance, learning.variance));
}

INSTANTIATE_TEST_SUITE_P(Activations, InferenceTest,
                         ::testing::Values(OpActivation::kNone, OpActivation::kRelu,
                                           OpActivation::kRelu6, OpActivation::kHardSwish));

TEST(FastOpsApplyTest, OnlyToWhatTheKernelsTake) {
  EXPECT_EQ(FastOpsApply(at::zeros({1, 8, 2, 2})), FastKernelsUsable());
  EXPECT_FALSE(FastOpsApply(at::zeros({1, 12, 2, 2})));
  EXPECT_FALSE(FastOpsApply(at::zeros({1, 8, 2, 2}, at::kDouble)));
  EXPECT_FALSE(FastOpsApply(at::zeros({1, 8})));
  EXPECT_FALSE(FastOpsApply(at::zeros({0, 8, 2, 2})));
}

}  // namespace
}  // namespace niwaki::supernet
