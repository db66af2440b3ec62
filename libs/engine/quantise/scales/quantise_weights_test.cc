#include "libs/engine/quantise/scales/quantise_weights.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/floats/test_float_network.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;
using ::testing::ElementsAre;
using ::testing::FloatEq;

constexpr Quantisation kHalf = {0.5F, 0};
constexpr Quantisation kOne = {1, 0};

FloatNetwork OneConvolution(FloatWeight weight, int channels) {
  FloatNetworkBuilder builder({1, 1, 2});
  builder.Conv(channels, 1, OpActivation::kNone, std::move(weight));
  return builder.Build();
}

QuantisedWeight Quantised(const FloatNetwork& network, const std::vector<double>& means = {}) {
  return QuantiseWeight(network.graph, network.graph.ops[0], network.weights[0], kHalf, kOne,
                        means);
}

TEST(QuantiseWeightTest, EachChannelHasItsScale) {
  FloatWeight weight;
  weight.values = {127, -63.6F, 0.254F, 0.0006F};
  weight.bias = {3, -0.01F};
  const QuantisedWeight quantised = Quantised(OneConvolution(weight, 2));
  EXPECT_THAT(quantised.scales, ElementsAre(FloatEq(1), FloatEq(0.002F)));
  EXPECT_THAT(quantised.values, ElementsAre(127, -64, 127, 0));
  // In units of input scale times weight scale.
  EXPECT_THAT(quantised.biases, ElementsAre(6, -10));
}

// Weights 127 and 0.4 become 127 and 0: with a mean of 10 the output loses 4, 8 units of 0.5.
TEST(QuantiseWeightTest, BiasMakesUpForRounding) {
  FloatWeight weight;
  weight.values = {127, 0.4F};
  weight.bias = {0};
  EXPECT_THAT(Quantised(OneConvolution(weight, 1), {5, 10}).biases, ElementsAre(8));
  EXPECT_THAT(Quantised(OneConvolution(weight, 1)).biases, ElementsAre(0));
}

TEST(QuantiseWeightTest, DepthwiseChannelsAreInnermost) {
  FloatNetworkBuilder builder({1, 1, 2});
  FloatWeight weight;
  // Channel 0: 1 and 254 at the ends, channel 1: 127 in the middle.
  weight.values = {1, 0, 0, 0, 0, 0, 0, 0, 0, 127, 0, 0, 0, 0, 0, 0, 254, 0};
  weight.bias = {0, 0};
  builder.Depthwise(3, OpActivation::kNone, weight);
  const QuantisedWeight quantised = Quantised(builder.Build(), {10, 0});
  EXPECT_THAT(quantised.scales, ElementsAre(FloatEq(2), FloatEq(1)));
  EXPECT_EQ(quantised.values[0], 1);
  EXPECT_EQ(quantised.values[9], 127);
  EXPECT_EQ(quantised.values[16], 127);
  // 1 became 2: 10 too much, in units of 1.
  EXPECT_THAT(quantised.biases, ElementsAre(-10, 0));
}

TEST(QuantiseWeightTest, ChannelOfZerosKeepsItsBias) {
  FloatWeight weight;
  weight.values = {0, 0, 1e-38F, 0};
  weight.bias = {2.5F, -4e8F};
  const QuantisedWeight quantised = Quantised(OneConvolution(weight, 2));
  for (int c = 0; c < 2; ++c) {
    EXPECT_TRUE(std::isfinite(quantised.scales[c]));
    EXPECT_GT(quantised.scales[c], 0);
    EXPECT_NEAR(quantised.biases[c] * 0.5 * quantised.scales[c] / weight.bias[c], 1, 1e-6);
  }
  EXPECT_THAT(quantised.values, ElementsAre(0, 0, 0, 0));
}

}  // namespace
}  // namespace niwaki::engine
