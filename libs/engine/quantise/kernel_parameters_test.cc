#include "libs/engine/quantise/kernel_parameters.h"

#include <cstdint>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

TEST(LimitsOfTest, ClampsBecomeLevels) {
  const Quantisation output = {0.0235F, -128};
  EXPECT_EQ(LimitsOf(arch::OpActivation::kNone, output).low, -128);
  EXPECT_EQ(LimitsOf(arch::OpActivation::kNone, {0.0235F, 5}).low, -128);
  EXPECT_EQ(LimitsOf(arch::OpActivation::kRelu, {0.0235F, 5}).low, 5);
  EXPECT_EQ(LimitsOf(arch::OpActivation::kRelu6, {0.5F, 5}).high, 17);
  // 6 lies beyond int8.
  EXPECT_EQ(LimitsOf(arch::OpActivation::kRelu6, {0.01F, -128}).high, 127);
}

TEST(ParametersOfTest, ConvolutionHasAFactorForEachChannel) {
  QuantisedNetwork network = OneConvolution();
  network.graph.tensors[1].channels = 2;
  network.tensors = {{0.5F, -1}, {0.25F, 4}};
  network.weights[0] = {{1, 2, 3, 4}, {0.5F, 0.125F}, {0, 0}};
  const KernelParameters parameters = ParametersOf(network, network.graph.ops[0]);
  // 0.5 * 0.5 / 0.25 = 1 and 0.5 * 0.125 / 0.25 = 1/4.
  EXPECT_THAT(parameters.multipliers, ElementsAre(1 << 30, 1 << 30));
  EXPECT_THAT(parameters.shifts, ElementsAre(1, -1));
  EXPECT_EQ(parameters.levels.input_zero, -1);
  EXPECT_EQ(parameters.levels.output_zero, 4);
}

TEST(ParametersOfTest, OneWeightScaleHoldsForAllChannels) {
  QuantisedNetwork network = OneConvolution();
  network.graph.tensors[1].channels = 2;
  network.weights[0] = {{1, 2, 3, 4}, {0.5F}, {0, 0}};
  EXPECT_THAT(ParametersOf(network, network.graph.ops[0]).shifts, ElementsAre(0, 0));
}

TEST(ParametersOfTest, AdditionScalesToTwiceTheLargerOperand) {
  QuantisedNetwork network = WithOperator(arch::OpKind::kAdd, {1, 0});
  network.graph.ops[1].second_input = 1;
  network.tensors[1].scale = 0.5F;
  const KernelParameters parameters = ParametersOf(network, network.graph.ops[1]);
  EXPECT_EQ(parameters.add.first.multiplier, 1 << 30);
  EXPECT_EQ(parameters.add.first.shift, 0);
  // 1 / (2^20 * 1)
  EXPECT_EQ(parameters.add.output.shift, -19);
}

TEST(ParametersOfTest, SoftmaxKnowsHowFarItLooks) {
  QuantisedNetwork network = WithOperator(arch::OpKind::kSoftmax, {1.0F / 256, -128});
  network.tensors[1].scale = 1.0F / 16;
  const KernelParameters parameters = ParametersOf(network, network.graph.ops[1]);
  EXPECT_EQ(parameters.softmax.input.shift, 23);
  EXPECT_EQ(parameters.softmax.smallest_difference, -248);

  network.tensors[1].scale = 1e-9F;
  EXPECT_EQ(ParametersOf(network, network.graph.ops[1]).softmax.smallest_difference,
            -std::numeric_limits<int32_t>::max());
}

}  // namespace
}  // namespace niwaki::engine
