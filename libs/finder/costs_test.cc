#include "libs/finder/costs.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/device/catalogue.h"

namespace niwaki::finder {
namespace {

class CostsTest : public ::testing::Test {
 protected:
  CostsTest() : space_(*arch::CatalogueSpace("kws")) {
    Random random(1);
    for (int i = 0; i < 20; ++i) subnets_.push_back(arch::SampleSubnet(space_, random));
  }

  const arch::SearchSpace space_;
  std::vector<arch::Subnet> subnets_;
};

TEST_F(CostsTest, TablesAndGraphsAgree) {
  CostTables tables;
  NIWAKI_ASSERT_OK_AND_ASSIGN(tables.macs, latency::SpaceTable::OfMacs(space_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto table, TableCosts(std::move(tables))(subnets_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto graph, GraphCosts(space_)(subnets_));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice("stm32f746"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto estimates, DeviceCosts(space_, device)(subnets_));

  for (size_t i = 0; i < subnets_.size(); ++i) {
    EXPECT_EQ(*table[i].macs, *graph[i].macs);
    EXPECT_EQ(*estimates[i].macs, *graph[i].macs);
    EXPECT_EQ(*estimates[i].params, *graph[i].params);
    EXPECT_GT(*estimates[i].latency_us, 0);
    EXPECT_GT(*estimates[i].sram_bytes, 0);
    EXPECT_FALSE(table[i].latency_us.has_value());
    EXPECT_FALSE(graph[i].sram_bytes.has_value());
  }
}

TEST_F(CostsTest, LimitOfSramMakesNetworksStream) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const device::Device device, device::FindDevice("stm32f746"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto whole, DeviceCosts(space_, device)(subnets_));
  constexpr int64_t kLimit = 20000;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto limited, DeviceCosts(space_, device, kLimit)(subnets_));
  const std::vector<std::string> schedules = DeviceSchedules(space_, device, kLimit, subnets_);
  ASSERT_EQ(schedules.size(), subnets_.size());
  int streamed = 0;

  for (size_t i = 0; i < subnets_.size(); ++i) {
    SCOPED_TRACE(i);
    if (*whole[i].sram_bytes <= kLimit) {
      EXPECT_EQ(*limited[i].sram_bytes, *whole[i].sram_bytes);
      EXPECT_EQ(*limited[i].latency_us, *whole[i].latency_us);
      EXPECT_EQ(schedules[i], "whole");
      continue;
    }
    EXPECT_LT(*limited[i].sram_bytes, *whole[i].sram_bytes);
    EXPECT_GT(*limited[i].latency_us, *whole[i].latency_us);
    EXPECT_THAT(schedules[i], ::testing::StartsWith("streamed"));
    streamed += *limited[i].sram_bytes <= kLimit;
  }
  EXPECT_GT(streamed, 0);
}

TEST_F(CostsTest, WhatTheDeviceDoesNotTellIsAbsent) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(device::Device device, device::FindDevice("stm32f746"));
  device.active_power_mw.reset();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto powerless, DeviceCosts(space_, device)(subnets_));
  device.name = "phone";
  device.core = "cortex-a76";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto unmodelled, DeviceCosts(space_, device)(subnets_));

  EXPECT_GT(*powerless[0].latency_us, 0);
  EXPECT_FALSE(powerless[0].energy_mj.has_value());
  EXPECT_FALSE(unmodelled[0].latency_us.has_value());
  EXPECT_FALSE(unmodelled[0].energy_mj.has_value());
  EXPECT_GT(*unmodelled[0].sram_bytes, 0);
}

TEST_F(CostsTest, CombiningFillsWhatIsAbsent) {
  CostTables tables;
  tables.latency_us = latency::SpaceTable::Of(
      space_, [](int) { return 7.0; }, [](int, int, int, int) { return 0.0; });
  const auto both = CombineCosts(TableCosts(std::move(tables)), GraphCosts(space_));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto metrics, both(subnets_));

  ASSERT_EQ(metrics.size(), subnets_.size());
  EXPECT_EQ(*metrics[0].latency_us, 7);
  EXPECT_EQ(*metrics[0].params, arch::CountParams(arch::BuildGraph(space_, subnets_[0])));
}

}  // namespace
}  // namespace niwaki::finder
