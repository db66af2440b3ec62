#include "libs/jobs/limits.h"

#include <limits>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

using search::Metric;

JobSpec Spec() {
  JobSpec spec;
  spec.device = "phone";
  spec.objectives = {Metric::kTop1, Metric::kLatencyUs, Metric::kSramBytes};
  spec.constraints = {{Metric::kEnergyMj, 5}, {Metric::kSramBytes, 100}};
  return spec;
}

cost::Cost KnownCost() {
  cost::Cost cost;
  cost.sram_bytes = 100;
  cost.latency_us = cost::Figure::Of(7, 6, 8, cost::Provenance::kMeasured);
  cost.energy_mj = cost::Figure::Of(5, 4, 6, cost::Provenance::kPredicted);
  return cost;
}

TEST(LimitsTest, SramLimitIsTheLeastOfTheConstraints) {
  JobSpec spec;
  EXPECT_EQ(SramLimitOf(spec), std::numeric_limits<int64_t>::max());
  spec.constraints = {
      {Metric::kSramBytes, 5000}, {Metric::kFlashBytes, 10}, {Metric::kSramBytes, 4000.5}};
  EXPECT_EQ(SramLimitOf(spec), 4000);
}

TEST(LimitsTest, UnknownFiguresAreAbsentMetrics) {
  cost::Cost cost = KnownCost();
  EXPECT_EQ(MetricsOf(cost).latency_us, 7);
  EXPECT_EQ(MetricsOf(cost).energy_mj, 5);
  EXPECT_EQ(MetricsOf(cost).sram_bytes, 100);

  cost.latency_us = cost.energy_mj = cost::Figure();
  EXPECT_FALSE(MetricsOf(cost).latency_us.has_value());
  EXPECT_FALSE(MetricsOf(cost).energy_mj.has_value());
}

TEST(LimitsTest, ConstraintsKeepTheirPlaces) {
  const std::vector<search::Constraint> limits = LimitsOf(Spec());

  ASSERT_EQ(limits.size(), 3u);
  EXPECT_EQ(limits[0].metric, Metric::kEnergyMj);
  EXPECT_EQ(limits[1].metric, Metric::kSramBytes);
  EXPECT_EQ(limits[2].metric, Metric::kLatencyUs);
  EXPECT_EQ(limits[2].max, std::numeric_limits<double>::max());
}

TEST(LimitsTest, UnknownFigureMeetsNoLimit) {
  const std::vector<search::Constraint> limits = LimitsOf(Spec());
  cost::Cost cost = KnownCost();
  EXPECT_FALSE(search::FirstViolation(limits, MetricsOf(cost)).has_value());

  cost.energy_mj = cost::Figure();
  const auto limited = search::FirstViolation(limits, MetricsOf(cost));
  ASSERT_TRUE(limited.has_value());
  EXPECT_EQ(limited->constraint, 0);
  EXPECT_FALSE(limited->value.has_value());

  cost = KnownCost();
  cost.latency_us = cost::Figure();
  const auto optimised = search::FirstViolation(limits, MetricsOf(cost));
  ASSERT_TRUE(optimised.has_value());
  EXPECT_EQ(optimised->metric, Metric::kLatencyUs);
}

TEST(LimitsTest, MemoryOfTheDeviceLimitsWhatTheJobDoesNot) {
  JobSpec spec;
  spec.constraints = {{Metric::kMacs, 7}};
  AddDeviceLimits(/*sram_bytes=*/1000, /*flash_bytes=*/2000, spec);
  ASSERT_EQ(spec.constraints.size(), 3);
  EXPECT_EQ(spec.constraints[1].metric, Metric::kSramBytes);
  EXPECT_EQ(spec.constraints[1].max, 1000);
  EXPECT_EQ(spec.constraints[2].metric, Metric::kFlashBytes);
  EXPECT_EQ(spec.constraints[2].max, 2000);

  JobSpec own;
  own.constraints = {{Metric::kSramBytes, 1 << 20}};
  own.unlimited = {Metric::kFlashBytes};
  AddDeviceLimits(1000, 2000, own);
  ASSERT_EQ(own.constraints.size(), 1);
  EXPECT_EQ(own.constraints[0].max, 1 << 20);
  JobSpec unknown;
  AddDeviceLimits(0, 0, unknown);
  EXPECT_TRUE(unknown.constraints.empty());
}

TEST(LimitsTest, RefusalNamesDeviceFieldAndRemedy) {
  search::Metrics known;
  known.latency_us = 3;
  const absl::Status energy = FigureUnknown(Spec(), {0, Metric::kEnergyMj, std::nullopt, 5}, known);
  EXPECT_THAT(energy, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(energy)->field, "spec.constraints[0].metric");
  EXPECT_EQ(GetErrorDetail(energy)->value, "energy_mj");
  EXPECT_EQ(energy.message(),
            "device 'phone' has no figure for energy_mj, which the job limits: energy needs the "
            "device's active_power_mw");

  const absl::Status latency =
      FigureUnknown(Spec(), {2, Metric::kLatencyUs, std::nullopt, 5}, search::Metrics());
  EXPECT_EQ(GetErrorDetail(latency)->field, "spec.objectives[1]");
  EXPECT_THAT(latency, StatusIs(absl::StatusCode::kInvalidArgument,
                                "'phone' has no figure for latency_us, which the job optimises: "
                                "give it a core that has a latency model"));
}

}  // namespace
}  // namespace niwaki::jobs
