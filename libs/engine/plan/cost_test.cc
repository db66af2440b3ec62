#include "libs/engine/plan/cost.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

TEST(CostTest, IsThePlansArenaAndTheFlashTotal) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  NetworkPlanner planner;

  const cost::Cost cost = ExactCostOf(graph, planner.Fastest(graph, 1 << 20));

  EXPECT_EQ(cost.sram_bytes, PlanMemory(graph).arena_bytes);
  EXPECT_EQ(cost.flash_bytes, PlanFlash(graph, PlanNetwork(graph)).total());
  EXPECT_EQ(cost.macs, arch::CountMacs(graph));
  EXPECT_EQ(cost.params, arch::CountParams(graph));
  EXPECT_FALSE(cost.latency_us.known());
  EXPECT_FALSE(cost.energy_mj.known());
}

TEST(CostTest, FingerprintNamesTheFigures) {
  EXPECT_EQ(CostFingerprint().size(), 32);
  EXPECT_EQ(CostFingerprint(), CostFingerprint());
}

}  // namespace
}  // namespace niwaki::engine
