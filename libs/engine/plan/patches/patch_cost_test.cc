#include "libs/engine/plan/patches/patch_cost.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

arch::Op Convolution(arch::Graph& graph, int channels, int kernel, int stride) {
  const arch::TensorId input = static_cast<arch::TensorId>(graph.tensors.size()) - 1;
  arch::Op op;
  op.input = input;
  op.output = input + 1;
  op.weight = static_cast<int32_t>(graph.weights.size());
  op.SetWindow(kernel, stride);
  graph.weights.push_back({arch::WeightRole::kImported, -1, 0});
  arch::TensorShape shape = arch::WindowOutput(graph.tensors[input], op);
  shape.channels = channels;
  graph.tensors.push_back(shape);
  graph.ops.push_back(op);
  graph.output = op.output;
  return op;
}

// 16 x 16 x 1, 3x3 → 8 channels, 3x3 → 2 channels, 1x1 → 1 channel.
arch::Graph ThreeConvolutions() {
  arch::Graph graph;
  graph.tensors.push_back({16, 16, 1});
  Convolution(graph, 8, 3, 1);
  Convolution(graph, 2, 3, 1);
  Convolution(graph, 1, 1, 1);
  return graph;
}

TEST(PatchCostTest, PatchesComputeWhereTheyMeetTwice) {
  const arch::Graph graph = ThreeConvolutions();

  const auto cost = CostOfPatches(graph, {2, 2, 2}, 0);

  ASSERT_TRUE(cost.has_value());
  // Image 256, output 512, a patch of 9 x 9 x 8 between.
  EXPECT_EQ(cost->least_bytes, 256 + 512 + 9 * 9 * 8);
  // Four patches of 9 x 9 pixels instead of 16 x 16, 72 MACs each.
  const double extra = (4 * 81 - 256) * 72;
  EXPECT_DOUBLE_EQ(cost->extra_macs, extra / (256 * (72 + 144 + 2)));
}

TEST(PatchCostTest, WhatFollowsMayNeedMore) {
  EXPECT_EQ(CostOfPatches(ThreeConvolutions(), {2, 2, 2}, 100000)->least_bytes, 100000);
}

TEST(PatchCostTest, GridsThatCannotBeAreNone) {
  const arch::Graph graph = ThreeConvolutions();

  // Nothing follows.
  EXPECT_FALSE(CostOfPatches(graph, {3, 2, 2}, 0).has_value());
  EXPECT_FALSE(CostOfPatches(graph, {2, 17, 1}, 0).has_value());
}

TEST(PatchCostTest, SmallestKeepsToTheExtraMacs) {
  const arch::Graph graph = ThreeConvolutions();

  EXPECT_FALSE(SmallestPatches(graph, 0.0).has_value() &&
               SmallestPatches(graph, 0.0)->extra_macs > 0);
  const auto little = SmallestPatches(graph, 0.1);
  const auto much = SmallestPatches(graph, 0.5);
  ASSERT_TRUE(little.has_value() && much.has_value());
  EXPECT_LE(little->extra_macs, 0.1);
  EXPECT_GT(much->extra_macs, 0.1);
  EXPECT_LT(much->least_bytes, little->least_bytes);
}

// Seldom less than by rows, and then by little: the image and the grid's output are whole.
TEST(PatchCostTest, TenPercentMoreMacsSeldomBeatRows) {
  const unsigned seed = 20261130;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  NetworkPlanner planner;
  int smaller = 0;
  int networks = 0;
  for (const char* name : {"mcunet", "cifar32", "kws", "ofa_mbv3_w10"}) {
    const auto space = arch::CatalogueSpace(name);
    ASSERT_TRUE(space.ok());
    for (int i = 0; i < 20; ++i) {
      const arch::Graph graph = arch::BuildGraph(*space, arch::SampleSubnet(*space, random));
      const auto patched = SmallestPatches(graph, 0.1);
      if (!patched.has_value()) continue;
      ++networks;
      const int64_t streamed = planner.Smallest(graph).plan.memory.arena_bytes;
      if (patched->least_bytes < streamed) ++smaller;
      EXPECT_GE(static_cast<double>(patched->least_bytes), 0.7 * static_cast<double>(streamed))
          << name << ", network " << i;
    }
  }
  EXPECT_GT(networks, 40);
  EXPECT_LE(smaller, networks / 4);
}

}  // namespace
}  // namespace niwaki::engine
