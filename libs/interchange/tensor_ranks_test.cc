#include "libs/interchange/tensor_ranks.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::interchange {
namespace {

using arch::OpKind;
using ::testing::ElementsAre;

TEST(FlatTensorsTest, ScoresOfAClassifierAreRows) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kGlobalAvgPool, {2, 2, 3}, {1, 1, 3});
  Append(network, OpKind::kLinear, {1, 1, 4}, {});
  Append(network, OpKind::kSoftmax, {1, 1, 4}, {});
  EXPECT_THAT(FlatTensors(network.graph), ElementsAre(false, false, true, true));
}

TEST(FlatTensorsTest, MeanBeforeALinearLayerIsARow) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kMean, {2, 2, 3}, {1, 1, 3});
  Append(network, OpKind::kLinear, {1, 1, 4}, {});
  EXPECT_THAT(FlatTensors(network.graph), ElementsAre(false, true, true));
}

TEST(FlatTensorsTest, WhatAConvolutionReadsIsAnImage) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kLinear, {1, 1, 3}, {1, 1, 4});
  Append(network, OpKind::kRescale, {1, 1, 4}, {});
  Append(network, OpKind::kConv2d, {1, 1, 2}, {});
  EXPECT_THAT(FlatTensors(network.graph), ElementsAre(true, false, false, false));
}

TEST(FlatTensorsTest, HardSigmoidNeedsAnImage) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kLinear, {1, 1, 3}, {1, 1, 4});
  arch::Op& gate = Append(network, OpKind::kActivation, {1, 1, 4}, {});
  EXPECT_THAT(FlatTensors(network.graph), ElementsAre(true, true, true));
  gate.activation = arch::OpActivation::kHardSigmoid;
  EXPECT_THAT(FlatTensors(network.graph), ElementsAre(true, false, false));
}

}  // namespace
}  // namespace niwaki::interchange
