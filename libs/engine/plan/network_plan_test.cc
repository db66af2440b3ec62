#include "libs/engine/plan/network_plan.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/schedule_kind.h"
#include "libs/engine/plan/verify_plan.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

arch::Graph LargestKeywordNetwork() {
  const auto space = arch::CatalogueSpace("kws");
  return arch::BuildGraph(*space, arch::MaxSubnet(*space));
}

TEST(NetworkPlanTest, IsTheWholeScheduleAndItsMemory) {
  const arch::Graph graph = LargestKeywordNetwork();

  const NetworkPlan plan = PlanNetwork(graph);

  EXPECT_EQ(plan.schedule, WholeSchedule(graph));
  EXPECT_EQ(plan.memory, PlanMemory(graph));
}

TEST(NetworkPlanTest, NetworkOfTheArenasSizeFits) {
  const arch::Graph graph = LargestKeywordNetwork();
  const MemoryPlan plan = PlanMemory(graph);

  NIWAKI_EXPECT_OK(CheckFits(graph, plan, plan.arena_bytes, "the budget"));
}

TEST(NetworkPlanTest, TooLittleMemoryNamesTheOperatorThatHoldsTheArena) {
  const arch::Graph graph = LargestKeywordNetwork();
  const MemoryPlan plan = PlanMemory(graph);

  NetworkPlanner planner;
  const MemoryPlan least = planner.Smallest(graph).plan.memory;

  const absl::Status status = CheckFits(graph, plan, 1024, "the budget");

  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the budget is 1.0 kB; the smallest arena that it can have is"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("(" + std::to_string(least.arena_bytes) + " bytes), held by operator " +
                        std::to_string(least.peak_op) + " ("));
}

TEST(NetworkPlannerTest, RandomNetworksOfEverySpaceAreSafeUnderEveryLimit) {
  constexpr uint64_t kSeed = 3;
  Random random(kSeed);
  NetworkPlanner planner;
  PlanOptions by_rows;
  by_rows.input_by_rows = true;
  NetworkPlanner row_planner(by_rows);
  int streamed = 0;
  for (const std::string& name : arch::CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    for (int i = 0; i < 2; ++i) {
      SCOPED_TRACE(absl::StrCat(name, ", network ", i, " of seed ", kSeed));
      const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
      const PlannedNetwork least = planner.Smallest(graph);
      const int64_t whole = PlanMemory(graph).arena_bytes;
      EXPECT_LE(least.plan.memory.arena_bytes, whole);
      // The replay looks at every byte that is read: networks of phones take minutes.
      if (whole < 400 << 10) {
        NIWAKI_EXPECT_OK(VerifyPlan(graph, least.plan));
        NIWAKI_EXPECT_OK(VerifyPlan(graph, row_planner.Smallest(graph).plan));
      }
      const int64_t limit = (whole + least.plan.memory.arena_bytes) / 2;
      const PlannedNetwork between = planner.Fastest(graph, limit);
      EXPECT_LE(between.plan.memory.arena_bytes, limit);
      EXPECT_LE(between.instructions, least.instructions);
      streamed += between.streaming_instructions > 0;
    }
  }
  EXPECT_GT(streamed, 5);
}

TEST(NetworkPlannerTest, SchedulesOfANetworkTradeMemoryForInstructions) {
  constexpr uint64_t kSeed = 8;
  Random random(kSeed);
  NetworkPlanner planner;
  NetworkPlanner other;
  int named = 0;
  for (const char* name : {"kws", "cifar32", "mcunet"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(name));
    for (int i = 0; i < 3; ++i) {
      SCOPED_TRACE(absl::StrCat(name, ", network ", i, " of seed ", kSeed));
      const arch::Graph graph = arch::BuildGraph(space, arch::SampleSubnet(space, random));
      const absl::Span<const NamedPlan> schedules = planner.Schedules(graph);
      ASSERT_FALSE(schedules.empty());
      const int64_t whole = PlanMemory(graph).arena_bytes;
      EXPECT_EQ(schedules[0].kind, ScheduleKind::kWhole);
      EXPECT_EQ(schedules[0].planned.plan, PlanNetwork(graph));
      for (size_t k = 1; k < schedules.size(); ++k) {
        const PlannedNetwork& planned = schedules[k].planned;
        EXPECT_LT(schedules[k - 1].kind, schedules[k].kind);
        EXPECT_LT(planned.plan.memory.arena_bytes,
                  schedules[k - 1].planned.plan.memory.arena_bytes);
        EXPECT_GT(planned.instructions, schedules[k - 1].planned.instructions);
        if (schedules[k].kind == ScheduleKind::kStreamed50) {
          EXPECT_LE(planned.plan.memory.arena_bytes, whole / 2);
        }
        // Larger ones are replayed above.
        if (whole < 64 << 10) NIWAKI_EXPECT_OK(VerifyPlan(graph, planned.plan));
      }
      if (schedules.size() > 1) {
        EXPECT_EQ(schedules.back().kind, ScheduleKind::kStreamed);
        EXPECT_EQ(schedules.back().planned.plan, other.Smallest(graph).plan);
      }
      named += static_cast<int>(schedules.size());
    }
  }
  EXPECT_GE(named, 3 * 9);
}

TEST(NetworkPlannerTest, CostLeadsBackToItsPlan) {
  const arch::Graph graph = LargestKeywordNetwork();
  NetworkPlanner planner;
  const absl::Span<const NamedPlan> span = planner.Schedules(graph);
  const std::vector<NamedPlan> schedules(span.begin(), span.end());
  ASSERT_GE(schedules.size(), 3);
  for (const NamedPlan& named : schedules) {
    const int64_t arena = named.planned.plan.memory.arena_bytes;
    EXPECT_EQ(planner.OfCost(graph, ScheduleKindName(named.kind), arena).plan, named.planned.plan);
  }
  // A cost without a name, or of another planner.
  const int64_t arena = schedules[1].planned.plan.memory.arena_bytes;
  const NetworkPlan within = NetworkPlanner().Fastest(graph, arena + 5).plan;
  EXPECT_EQ(planner.OfCost(graph, "", arena + 5).plan, within);
  EXPECT_EQ(planner.OfCost(graph, "streamed_75", arena + 5).plan, within);
}

TEST(NetworkPlannerTest, NetworkWithoutMapsHasTheWholeScheduleAlone) {
  arch::Graph graph;
  graph.tensors = {{1, 1, 64}, {1, 1, 10}};
  arch::Op op;
  op.kind = arch::OpKind::kLinear;
  op.input = 0;
  op.output = 1;
  graph.ops = {op};
  graph.output = 1;
  NetworkPlanner planner;

  const absl::Span<const NamedPlan> schedules = planner.Schedules(graph);

  ASSERT_EQ(schedules.size(), 1);
  EXPECT_EQ(schedules[0].kind, ScheduleKind::kWhole);
  EXPECT_EQ(schedules[0].planned.slowdown(), 1);
}

TEST(NetworkPlannerTest, WholePlanIsGivenWithinItsLimitOnly) {
  const arch::Graph graph = LargestKeywordNetwork();
  const int64_t arena = PlanMemory(graph).arena_bytes;
  NetworkPlanner planner;

  ASSERT_NE(planner.WholeWithin(graph, arena), nullptr);
  EXPECT_EQ(planner.WholeWithin(graph, arena)->plan, PlanNetwork(graph));
  EXPECT_EQ(planner.WholeWithin(graph, arena - 1), nullptr);
}

TEST(NetworkPlannerTest, WhatFitsWholeIsWhole) {
  const arch::Graph graph = LargestKeywordNetwork();
  NetworkPlanner planner;

  const PlannedNetwork planned = planner.Fastest(graph, PlanMemory(graph).arena_bytes);

  EXPECT_EQ(planned.plan, PlanNetwork(graph));
  EXPECT_EQ(planned.slowdown(), 1);
}

}  // namespace
}  // namespace niwaki::engine
