#include "libs/engine/plan/plan_benchmark.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_matchers.h"

namespace niwaki::engine {
namespace {

TEST(PlanBenchTest, ReportsARateAndHowGoodThePlansAre) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  const PlanRates rates = MeasurePlans(space, /*count=*/100, /*seed=*/1);

  EXPECT_GT(rates.subnets_per_second, 0);
  EXPECT_GE(rates.optimal, 0.9);
  EXPECT_GE(rates.worst_ratio, 1);
  EXPECT_EQ(rates.worst_ratio > 1, rates.optimal < 1);
}

TEST(PlanBenchTest, ReportsTheRateOfWholePlans) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  EXPECT_GT(NetworkPlansPerSecond(space, /*count=*/100, /*seed=*/1), 0);
}

TEST(PlanBenchTest, KnownSchedulesTakeLessThanNewOnes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  const ScheduleTimes times = MeasureSchedules(space, /*count=*/200, /*seed=*/1);

  EXPECT_GT(times.warm_us, 0);
  EXPECT_GT(times.cold_us, times.warm_us);
  EXPECT_GE(times.schedules, 2);
  EXPECT_LE(times.schedules, 4);
}

}  // namespace
}  // namespace niwaki::engine
