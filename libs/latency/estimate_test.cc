#include "libs/latency/estimate.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"
#include "libs/cost/cost.h"
#include "libs/device/catalogue.h"
#include "libs/engine/plan/costs/cost.h"
#include "libs/engine/plan/costs/cost_memo.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/latency/estimate_benchmark.h"

namespace niwaki::latency {
namespace {

TEST(EstimateTest, EveryFigureIsThere) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice("stm32f746"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  engine::NetworkPlanner planner;
  const engine::ScheduleCost whole = engine::ExactCostsOf(graph, planner).schedules[0];

  const cost::Cost cost = EstimateCosts(graph, device, DefaultSnapshot());

  EXPECT_EQ(cost.schedule, "whole");
  EXPECT_EQ(cost.sram_bytes, whole.sram_bytes);
  EXPECT_EQ(cost.flash_bytes, whole.flash_bytes);
  EXPECT_EQ(cost.macs, arch::CountMacs(graph));
  EXPECT_EQ(cost.params, arch::CountParams(graph));
  EXPECT_EQ(cost.latency_us.provenance(), cost::Provenance::kPredicted);
  EXPECT_EQ(cost.energy_mj.provenance(), cost::Provenance::kPredicted);
  EXPECT_DOUBLE_EQ(cost.energy_mj.value(),
                   cost.latency_us.value() * *device.active_power_mw * 1e-6);
}

TEST(EstimateTest, LimitOfMemoryMakesRowsStreamAndTakesLonger) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice("stm32f746"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  CostEstimator estimator(device, DefaultSnapshot());

  const cost::Cost whole = estimator.Estimate(graph);
  const int64_t limit = whole.sram_bytes * 3 / 4;
  const cost::Cost streamed = estimator.Estimate(graph, limit);

  EXPECT_LE(streamed.sram_bytes, limit);
  engine::NetworkPlanner planner;
  const engine::ExactCosts exact = engine::ExactCostsOf(graph, planner);
  EXPECT_EQ(streamed.schedule, "streamed_75");
  EXPECT_EQ(streamed.sram_bytes, exact.schedules[1].sram_bytes);
  EXPECT_GT(streamed.latency_us.value(), whole.latency_us.value());
  EXPECT_LT(streamed.latency_us.value(), 1.3 * whole.latency_us.value());
  // The tables of the streams.
  EXPECT_GT(streamed.flash_bytes, whole.flash_bytes);
  EXPECT_LT(streamed.flash_bytes, whole.flash_bytes + 4096);
  // A limit that nothing fits: the least that there is.
  EXPECT_EQ(estimator.Estimate(graph, 1).sram_bytes,
            planner.Smallest(graph).plan.memory.arena_bytes);
}

TEST(EstimateTest, AllSchedulesAreListedWithOneOfThemTaken) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice("stm32f746"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  const auto memo = std::make_shared<engine::CostMemo>();
  CostEstimator cold(device, DefaultSnapshot(), memo);
  CostEstimator warm(device, DefaultSnapshot(), memo);
  std::vector<cost::ScheduleCost> schedules;
  std::vector<cost::ScheduleCost> again;

  const cost::Cost whole = cold.Estimate(graph, 0, schedules);

  ASSERT_GE(schedules.size(), 2);
  EXPECT_EQ(whole.schedule, "whole");
  EXPECT_EQ(schedules.front().name, "whole");
  EXPECT_EQ(schedules.back().name, "streamed");
  for (size_t i = 0; i < schedules.size(); ++i) {
    SCOPED_TRACE(schedules[i].name);
    // Each is what a limit of its SRAM gives, with or without the others.
    const int64_t limit = schedules[i].sram_bytes;
    const cost::Cost cost = warm.Estimate(graph, limit, again);
    EXPECT_EQ(cost.schedule, schedules[i].name);
    EXPECT_EQ(cost.sram_bytes, schedules[i].sram_bytes);
    EXPECT_EQ(cost.flash_bytes, schedules[i].flash_bytes);
    EXPECT_EQ(cost.latency_us, schedules[i].latency_us);
    EXPECT_DOUBLE_EQ(cost.latency_us.value(), whole.latency_us.value() * schedules[i].slowdown);
    EXPECT_EQ(cost, CostEstimator(device, DefaultSnapshot()).Estimate(graph, limit));
    EXPECT_EQ(again.size(), schedules.size());
    if (i == 0) continue;
    EXPECT_LT(schedules[i].sram_bytes, schedules[i - 1].sram_bytes);
    EXPECT_GT(schedules[i].slowdown, schedules[i - 1].slowdown);
  }
}

TEST(EstimateTest, UnknownPowerMeansNoEnergy) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(device::Device device, device::FindDevice("stm32f412"));
  device.active_power_mw.reset();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));

  const cost::Cost cost = EstimateCosts(graph, device, DefaultSnapshot());

  EXPECT_TRUE(cost.latency_us.known());
  EXPECT_FALSE(cost.energy_mj.known());
}

TEST(EstimateTest, UnknownLatencyMeansUnknownEnergy) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(device::Device device, device::FindDevice("stm32f412"));
  device.name = "phone";
  device.core = "cortex-a76";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));

  const cost::Cost cost = EstimateCosts(graph, device, DefaultSnapshot());

  EXPECT_GT(cost.sram_bytes, 0);
  EXPECT_FALSE(cost.latency_us.known());
  EXPECT_FALSE(cost.energy_mj.known());
}

TEST(EstimateTest, SlowerDeviceTakesLonger) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("mcunet"));
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  double last = 0;

  for (const char* name : {"stm32h743", "stm32f746", "stm32f412"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice(name));
    const cost::Cost cost = EstimateCosts(graph, device, DefaultSnapshot());
    EXPECT_GT(cost.latency_us.value(), last) << name;
    last = cost.latency_us.value();
  }
}

TEST(EstimateTest, BenchReportsRates) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const EstimateRates rates, MeasureEstimates(space, 50, 1));

  EXPECT_GT(rates.predicted_per_second, 0);
  EXPECT_GT(rates.looked_up_per_second, 0);
  EXPECT_GT(rates.known_per_second, 0);
}

}  // namespace
}  // namespace niwaki::latency
