#include "libs/engine/plan/network_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

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

  const absl::Status status = CheckFits(graph, plan, 1024, "the budget");

  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the budget is 1.0 kB; the smallest arena that it can have is"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("(" + std::to_string(plan.lower_bound_bytes) +
                        " bytes), held by operator " + std::to_string(plan.peak_op) + " ("));
}

}  // namespace
}  // namespace niwaki::engine
