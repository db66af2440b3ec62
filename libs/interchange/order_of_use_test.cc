#include "libs/interchange/order_of_use.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpKind;
using engine::QuantisedNetwork;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr engine::Quantisation kScale = {1.0F / 32, -3};

// Two convolutions, one behind the other.
QuantisedNetwork TwoConvolutions() {
  QuantisedNetwork network = NetworkOf(OpKind::kConv2d, {2, 2, 3}, {2, 2, 4});
  AddRandomWeights(network, {0.5F}, 1);
  Append(network, OpKind::kConv2d, {2, 2, 5}, kScale);
  AddRandomWeights(network, {0.25F}, 2);
  return network;
}

TEST(KeepInOrderOfUseTest, NetworkThatIsAllUsedStaysAsItIs) {
  QuantisedNetwork network = TwoConvolutions();
  KeepInOrderOfUse(network);
  EXPECT_THAT(network.graph.ops, SizeIs(2));
  EXPECT_THAT(network.graph.tensors, SizeIs(3));
  EXPECT_THAT(network.weights, SizeIs(2));
  EXPECT_EQ(network.graph.output, 2);
  NIWAKI_EXPECT_OK(engine::Validate(network));
}

TEST(KeepInOrderOfUseTest, OperatorBehindTheOutputGoesWithItsWeights) {
  QuantisedNetwork network = TwoConvolutions();
  network.graph.output = 1;
  const std::vector<int8_t> first = network.weights[0].values;
  KeepInOrderOfUse(network);
  EXPECT_THAT(network.graph.ops, SizeIs(1));
  EXPECT_THAT(network.graph.tensors, SizeIs(2));
  EXPECT_THAT(network.tensors, SizeIs(2));
  EXPECT_THAT(network.graph.weights, SizeIs(1));
  ASSERT_THAT(network.weights, SizeIs(1));
  EXPECT_EQ(network.weights[0].values, first);
}

TEST(KeepInOrderOfUseTest, WhatStaysIsNumberedAnew) {
  // Operator 0 and the constant 2 go; 1 reads the input, which stays tensor 0.
  QuantisedNetwork network = TwoConvolutions();
  network.graph.tensors.insert(network.graph.tensors.begin() + 2, {1, 1, 4});
  network.tensors.insert(network.tensors.begin() + 2, kScale);
  network.constants[2] = {1, 2, 3, 4};
  network.graph.ops[1].input = 0;
  network.graph.ops[1].output = 3;
  network.graph.output = 3;
  network.graph.tensors[0].channels = 4;
  network.graph.weights[1].block = 1;
  const std::vector<int8_t> second = network.weights[1].values;

  KeepInOrderOfUse(network);

  ASSERT_THAT(network.graph.ops, SizeIs(1));
  const Op& op = network.graph.ops[0];
  EXPECT_EQ(op.input, 0);
  EXPECT_EQ(op.output, 1);
  EXPECT_EQ(op.weight, 0);
  EXPECT_EQ(network.graph.weights[0].block, 0);
  EXPECT_EQ(network.graph.output, 1);
  EXPECT_EQ(network.graph.shape(1).channels, 5);
  EXPECT_THAT(network.constants, IsEmpty());
  EXPECT_EQ(network.weights[0].values, second);
  NIWAKI_EXPECT_OK(engine::Validate(network));
}

TEST(KeepInOrderOfUseTest, JoinedInputsAndConstantsStay) {
  // A constant nobody reads, then input and constant joined, then a transpose nobody reads.
  QuantisedNetwork network = NetworkOf(OpKind::kConcat, {1, 1, 3}, {1, 1, 5});
  network.graph.tensors = {{1, 1, 3}, {1, 1, 9}, {1, 1, 2}, {1, 1, 5}, {1, 1, 5}};
  network.tensors.assign(5, kScale);
  network.constants = {{1, std::vector<int8_t>(9)}, {2, {7, 8}}};
  network.graph.extras.resize(2);
  network.graph.extras[0].order = {0, 1, 2};
  network.graph.extras[1].inputs = {0, 2};
  network.graph.ops[0].input = -1;
  network.graph.ops[0].output = 3;
  network.graph.ops[0].extra = 1;
  Op transpose;
  transpose.kind = OpKind::kTranspose;
  transpose.input = 3;
  transpose.output = 4;
  transpose.extra = 0;
  network.graph.ops.push_back(transpose);
  network.graph.output = 3;

  KeepInOrderOfUse(network);

  ASSERT_THAT(network.graph.ops, SizeIs(1));
  EXPECT_EQ(network.graph.ops[0].extra, 0);
  ASSERT_THAT(network.graph.extras, SizeIs(1));
  EXPECT_THAT(network.graph.extras[0].inputs, ElementsAre(0, 1));
  EXPECT_THAT(network.constants.at(1), ElementsAre(7, 8));
  EXPECT_EQ(network.graph.output, 2);
  NIWAKI_EXPECT_OK(engine::Validate(network));
}

TEST(KeepInOrderOfUseTest, TensorsAreNumberedAsOperatorsUseThem) {
  // The same network with tensors 1 and 2, and both weights, exchanged.
  QuantisedNetwork network = TwoConvolutions();
  QuantisedNetwork other = network;
  std::swap(other.graph.tensors[1], other.graph.tensors[2]);
  std::swap(other.graph.weights[0], other.graph.weights[1]);
  std::swap(other.weights[0], other.weights[1]);
  other.graph.ops[0].output = other.graph.ops[1].input = 2;
  other.graph.ops[1].output = other.graph.output = 1;
  other.graph.ops[0].weight = 1;
  other.graph.ops[1].weight = 0;

  KeepInOrderOfUse(other);

  EXPECT_EQ(other.graph.ops[0].output, 1);
  EXPECT_EQ(other.graph.ops[1].output, 2);
  EXPECT_EQ(other.graph.output, 2);
  EXPECT_EQ(other.graph.shape(1).channels, 4);
  EXPECT_EQ(other.graph.ops[0].weight, 0);
  EXPECT_EQ(other.weights[0].values, network.weights[0].values);
  EXPECT_EQ(other.weights[1].values, network.weights[1].values);
}

}  // namespace
}  // namespace niwaki::interchange
