#include "libs/engine/floats/float_operators.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/engine/floats/test_float_network.h"

namespace niwaki::engine {
namespace {

using arch::Op;
using arch::OpActivation;
using arch::OpKind;
using ::testing::ElementsAre;

// One operator of a graph of its own.
struct Single {
  arch::Graph graph;
  Op op;
};

Single Window(OpKind kind, arch::TensorShape in, int channels, int kernel, int stride) {
  Single single;
  single.op.kind = kind;
  single.op.input = 0;
  single.op.output = 1;
  single.op.SetWindow(kernel, stride);
  arch::TensorShape out = arch::WindowOutput(in, single.op);
  out.channels = channels;
  single.graph.tensors = {in, out};
  return single;
}

// The definition, in double precision.
std::vector<double> SlowConvolution(const Single& single, const std::vector<float>& input,
                                    const FloatWeight& weight) {
  const arch::TensorShape& in = single.graph.tensors[0];
  const arch::TensorShape& out = single.graph.tensors[1];
  const Op& op = single.op;
  const bool depthwise = op.kind == OpKind::kDepthwiseConv2d;
  std::vector<double> result;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      for (int o = 0; o < out.channels; ++o) {
        double sum = weight.bias[o];
        for (int ky = 0; ky < op.kernel_h; ++ky) {
          for (int kx = 0; kx < op.kernel_w; ++kx) {
            const int row = y * op.stride_h - op.padding.top + ky;
            const int column = x * op.stride_w - op.padding.left + kx;
            if (row < 0 || row >= in.height || column < 0 || column >= in.width) continue;
            const int tap = ky * op.kernel_w + kx;
            for (int i = 0; i < in.channels; ++i) {
              if (depthwise && i != o) continue;
              const double w = depthwise ? weight.values[tap * out.channels + o]
                                         : weight.values[(o * op.taps() + tap) * in.channels + i];
              sum += w * input[(row * in.width + column) * in.channels + i];
            }
          }
        }
        result.push_back(sum);
      }
    }
  }
  return result;
}

class ConvolutionTest : public ::testing::TestWithParam<OpKind> {};

TEST_P(ConvolutionTest, IsItsDefinition) {
  Random random(7);
  for (const int kernel : {1, 3, 5}) {
    for (const int stride : {1, 2}) {
      const bool depthwise = GetParam() == OpKind::kDepthwiseConv2d;
      // Neither sides nor channels are multiples of a tile's.
      const int channels = depthwise ? 5 : 11;
      const Single single = Window(GetParam(), {7, 6, 5}, channels, kernel, stride);
      FloatWeight weight;
      weight.values = RandomValues(random, kernel * kernel * channels * (depthwise ? 1 : 5));
      weight.bias = RandomValues(random, channels);
      const std::vector<float> input = RandomValues(random, 7 * 6 * 5);
      std::vector<float> output(single.graph.tensors[1].elements());
      const PackedWeight packed(single.graph, single.op, weight);
      if (depthwise) {
        ConvolveDepthwise(single.graph, single.op, packed, input, absl::MakeSpan(output));
      } else {
        Convolve(single.graph, single.op, packed, input, absl::MakeSpan(output));
      }
      const std::vector<double> expected = SlowConvolution(single, input, weight);
      for (size_t i = 0; i < output.size(); ++i) {
        EXPECT_NEAR(output[i], expected[i], 1e-4)
            << "seed 7 kernel " << kernel << " stride " << stride << " element " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ConvolutionTest,
                         ::testing::Values(OpKind::kConv2d, OpKind::kDepthwiseConv2d));

// 2^24 + 1 is not a float: added from the left, each 1 is lost; from the right, none is.
TEST(ConvolveTest, TermsAreAddedInOrder) {
  const Single single = Window(OpKind::kConv2d, {1, 1, 4}, 1, 1, 1);
  FloatWeight weight;
  weight.values = {1, 1, 1, 1};
  weight.bias = {16777216};
  const PackedWeight packed(single.graph, single.op, weight);
  std::vector<float> output(1);
  Convolve(single.graph, single.op, packed, {1, 1, 1, 1}, absl::MakeSpan(output));
  EXPECT_EQ(output[0], 16777216);
  weight.bias = {0};
  const PackedWeight from_zero(single.graph, single.op, weight);
  Convolve(single.graph, single.op, from_zero, {1, 1, 1, 16777216}, absl::MakeSpan(output));
  EXPECT_EQ(output[0], 16777220);
}

TEST(PoolTest, PaddingIsNeverTheLargestNorCounts) {
  const std::vector<float> input = {-1, -2, -3, -4};
  std::vector<float> output(1);
  Single single = Window(OpKind::kMaxPool, {2, 2, 1}, 1, 3, 2);
  Pool(single.graph, single.op, input, absl::MakeSpan(output));
  EXPECT_THAT(output, ElementsAre(-1));
  single.op.kind = OpKind::kAvgPool;
  Pool(single.graph, single.op, input, absl::MakeSpan(output));
  EXPECT_THAT(output, ElementsAre(-2.5F));
  single.op.kind = OpKind::kGlobalAvgPool;
  Pool(single.graph, single.op, input, absl::MakeSpan(output));
  EXPECT_THAT(output, ElementsAre(-2.5F));
}

TEST(CombineTest, GateHoldsForEveryPixel) {
  std::vector<float> output(4);
  Combine(OpKind::kMul, {1, 2, 3, 4}, {10, 100}, absl::MakeSpan(output));
  EXPECT_THAT(output, ElementsAre(10, 200, 30, 400));
  Combine(OpKind::kAdd, {1, 2, 3, 4}, {4, 3, 2, 1}, absl::MakeSpan(output));
  EXPECT_THAT(output, ElementsAre(5, 5, 5, 5));
}

TEST(ActivateTest, KnownValues) {
  const auto of = [](OpActivation activation) {
    std::vector<float> values = {-4, -1.5F, 0, 3, 7};
    Activate(activation, absl::MakeSpan(values));
    return values;
  };
  EXPECT_THAT(of(OpActivation::kRelu), ElementsAre(0, 0, 0, 3, 7));
  EXPECT_THAT(of(OpActivation::kRelu6), ElementsAre(0, 0, 0, 3, 6));
  EXPECT_THAT(of(OpActivation::kHardSwish), ElementsAre(0, -0.375F, 0, 3, 7));
  EXPECT_THAT(of(OpActivation::kHardSigmoid), ElementsAre(0, 0.25F, 0.5F, 1, 1));
  EXPECT_FLOAT_EQ(of(OpActivation::kLogistic)[3], 0.95257413F);
}

TEST(ActivateTest, WhatIsNotANumberStaysSo) {
  std::vector<float> values = {std::nanf("")};
  Activate(OpActivation::kRelu6, absl::MakeSpan(values));
  EXPECT_TRUE(std::isnan(values[0]));
}

TEST(ExponentialTest, IsThatOfTheLibrary) {
  for (int step = 0; step < 541; ++step) {
    const double x = -100 + 0.37 * step;
    EXPECT_NEAR(Exponential(x) / std::exp(x), 1, 1e-15) << x;
  }
  EXPECT_EQ(Exponential(0), 1);
  EXPECT_GT(Exponential(1e9), 1e300);
  EXPECT_LT(Exponential(-1e9), 1e-300);
  EXPECT_TRUE(std::isnan(Exponential(std::nan(""))));
}

TEST(SoftmaxTest, SharesAreOfEachPixel) {
  std::vector<float> output(4);
  Softmax(2, {0, 0, 1000, 1000 + 1.0986123F}, absl::MakeSpan(output));
  EXPECT_FLOAT_EQ(output[0], 0.5F);
  EXPECT_NEAR(output[2], 0.25F, 1e-4);
  EXPECT_NEAR(output[3], 0.75F, 1e-4);
}

}  // namespace
}  // namespace niwaki::engine
