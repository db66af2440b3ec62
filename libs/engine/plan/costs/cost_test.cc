#include "libs/engine/plan/costs/cost.h"

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/cost/cost.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule_kind.h"

namespace niwaki::engine {
namespace {

TEST(CostTest, EverySchedulesCostIsThatOfItsPlan) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  NetworkPlanner planner;

  const ExactCosts costs = ExactCostsOf(graph, planner);

  EXPECT_EQ(costs.macs, arch::CountMacs(graph));
  EXPECT_EQ(costs.params, arch::CountParams(graph));
  const absl::Span<const NamedPlan> plans = planner.Schedules(graph);
  ASSERT_EQ(costs.schedules.size(), plans.size());
  ASSERT_GE(plans.size(), 2);
  for (size_t i = 0; i < plans.size(); ++i) {
    EXPECT_EQ(costs.schedules[i].kind, plans[i].kind);
    EXPECT_EQ(costs.schedules[i].sram_bytes, plans[i].planned.plan.memory.arena_bytes);
    EXPECT_EQ(costs.schedules[i].flash_bytes, PlanFlash(graph, plans[i].planned.plan).total());
    EXPECT_EQ(costs.schedules[i].slowdown, plans[i].planned.slowdown());
  }
  EXPECT_EQ(costs.schedules[0].sram_bytes, PlanMemory(graph).arena_bytes);
}

TEST(CostTest, FastestScheduleWithinALimitIsTaken) {
  ExactCosts costs;
  costs.schedules.push_back({ScheduleKind::kWhole, 100, 7, 1});
  costs.schedules.push_back({ScheduleKind::kStreamed50, 45, 8, 1.125});
  costs.schedules.push_back({ScheduleKind::kStreamed, 30, 9, 1.25});

  EXPECT_EQ(costs.Within(1000).kind, ScheduleKind::kWhole);
  EXPECT_EQ(costs.Within(100).kind, ScheduleKind::kWhole);
  EXPECT_EQ(costs.Within(99).kind, ScheduleKind::kStreamed50);
  EXPECT_EQ(costs.Within(44).kind, ScheduleKind::kStreamed);
  // Too little for any: the least.
  EXPECT_EQ(costs.Within(29).kind, ScheduleKind::kStreamed);
}

TEST(CostTest, CostNamesItsSchedule) {
  ExactCosts costs;
  costs.macs = 11;
  costs.params = 12;
  costs.schedules.push_back({ScheduleKind::kWhole, 100, 7, 1});
  costs.schedules.push_back({ScheduleKind::kStreamed, 30, 9, 1.25});

  const cost::Cost cost = ToCost(costs, costs.schedules[1]);

  EXPECT_EQ(cost.schedule, "streamed");
  EXPECT_EQ(cost.sram_bytes, 30);
  EXPECT_EQ(cost.flash_bytes, 9);
  EXPECT_EQ(cost.macs, 11);
  EXPECT_EQ(cost.params, 12);
  EXPECT_FALSE(cost.latency_us.known());
  EXPECT_FALSE(cost.energy_mj.known());
}

TEST(CostTest, FingerprintNamesTheFigures) {
  EXPECT_EQ(CostFingerprint().size(), 32);
  EXPECT_EQ(CostFingerprint(), CostFingerprint());
}

}  // namespace
}  // namespace niwaki::engine
