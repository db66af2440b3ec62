#include "libs/engine/plan/costs/cost_memo.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/costs/cost.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

ExactCosts SomeCosts(int64_t macs) {
  ExactCosts costs;
  costs.macs = macs;
  costs.params = 2 * macs;
  costs.schedules.push_back({ScheduleKind::kWhole, 100 + macs, 7, 1});
  costs.schedules.push_back({ScheduleKind::kStreamed, 50 + macs, 9, 1.25});
  return costs;
}

Fingerprint Key(uint64_t i) { return FingerprintOf(&i, sizeof(i)); }

TEST(CostMemoTest, WhatWasPutIsFound) {
  CostMemo memo;
  ExactCosts costs;
  EXPECT_FALSE(memo.Find(Key(1), costs));

  memo.Put(Key(1), SomeCosts(5));

  ASSERT_TRUE(memo.Find(Key(1), costs));
  EXPECT_EQ(costs, SomeCosts(5));
  EXPECT_FALSE(memo.Find(Key(2), costs));
}

TEST(CostMemoTest, KeepsWhatIsAskedForAndForgetsTheRest) {
  constexpr int kCapacity = 160;
  CostMemo memo(kCapacity);
  ExactCosts costs;
  memo.Put(Key(0), SomeCosts(0));

  for (int i = 1; i < 100 * kCapacity; ++i) {
    memo.Put(Key(i), SomeCosts(i));
    ASSERT_TRUE(memo.Find(Key(0), costs)) << i;
  }

  EXPECT_EQ(costs, SomeCosts(0));
  EXPECT_FALSE(memo.Find(Key(1), costs));
  int kept = 0;
  for (int i = 1; i < 100 * kCapacity; ++i) kept += memo.Find(Key(i), costs);
  EXPECT_GE(kept, kCapacity / 2);
  EXPECT_LE(kept, 2 * kCapacity);
}

TEST(GraphFingerprintTest, NetworksOfEqualCostsOnlyAreTheSame) {
  constexpr uint64_t kSeed = 4;
  Random random(kSeed);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  CostMemo memo;
  NetworkPlanner planner;
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE(::testing::Message() << "network " << i << " of seed " << kSeed);
    const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
    const ExactCosts costs = ExactCostsOf(graph, planner);
    ExactCosts known;
    if (memo.Find(GraphFingerprint(graph), known)) EXPECT_EQ(known, costs);
    memo.Put(GraphFingerprint(graph), costs);
  }
}

TEST(GraphFingerprintTest, EveryPartCounts) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  const Fingerprint before = GraphFingerprint(graph);
  EXPECT_EQ(GraphFingerprint(arch::Graph(graph)), before);
  arch::Graph other = graph;
  other.ops[0].activation = arch::OpActivation::kLogistic;
  EXPECT_NE(GraphFingerprint(other), before);
  other = graph;
  ++other.tensors[0].width;
  EXPECT_NE(GraphFingerprint(other), before);
  other = graph;
  --other.output;
  EXPECT_NE(GraphFingerprint(other), before);
  other = graph;
  other.extras.emplace_back();
  const Fingerprint with_extra = GraphFingerprint(other);
  EXPECT_NE(with_extra, before);
  other.extras[0].axes[2] = true;
  EXPECT_NE(GraphFingerprint(other), with_extra);
}

}  // namespace
}  // namespace niwaki::engine
