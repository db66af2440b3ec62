#include "libs/jobfile/metric.h"

#include <limits>

#include "gmock/gmock.h"

namespace niwaki::jobfile {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::Optional;

TEST(MetricTest, EveryMetricHasNames) {
  for (int i = v1::METRIC_TOP1; i <= v1::METRIC_PARAMS; ++i) {
    const auto metric = static_cast<v1::Metric>(i);
    EXPECT_THAT(MetricByName(MetricName(metric)), Optional(metric));
  }
  EXPECT_THAT(MetricByName("latency"), Optional(v1::METRIC_LATENCY_US));
  EXPECT_FALSE(MetricByName("").has_value());
  EXPECT_THAT(CostMetricNames(), Contains("sram"));
  EXPECT_THAT(CostMetricNames(), Not(Contains("top1")));
}

TEST(MetricTest, ValueComesFromCostOrScore) {
  v1::Candidate candidate;
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_TOP1).has_value());

  candidate.mutable_cost()->mutable_latency_us()->set_value(1500);
  candidate.mutable_score()->set_top1(0.75);

  EXPECT_THAT(MetricValue(candidate, v1::METRIC_LATENCY_US), Optional(1500.0));
  EXPECT_THAT(MetricValue(candidate, v1::METRIC_TOP1), Optional(0.75));
}

TEST(MetricTest, ValuesCarryUnits) {
  EXPECT_EQ(FormatMetric(v1::METRIC_TOP1, 0.8421), "84.2 %");
  EXPECT_EQ(FormatMetric(v1::METRIC_SRAM_BYTES, 65536), "64.0 kB");
  EXPECT_EQ(FormatMetric(v1::METRIC_LATENCY_US, 12345), "12.3 ms");
  EXPECT_EQ(FormatMetric(v1::METRIC_MACS, 1250000), "1.25 M");
  EXPECT_EQ(FormatMetric(v1::METRIC_MACS, std::numeric_limits<double>::quiet_NaN()), "-");
}

TEST(MetricTest, UnknownCostHasNoValue) {
  v1::Candidate candidate;
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_SRAM_BYTES).has_value());
  candidate.mutable_cost()->set_sram_bytes(5);
  EXPECT_EQ(MetricValue(candidate, v1::METRIC_SRAM_BYTES), 5);
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_MACS).has_value());
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_LATENCY_US).has_value());
  candidate.mutable_cost()->mutable_latency_us();
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_LATENCY_US).has_value());
  candidate.mutable_cost()->mutable_latency_us()->set_value(7);
  candidate.mutable_cost()->mutable_latency_us()->set_provenance(v1::PROVENANCE_MEASURED);
  EXPECT_EQ(MetricValue(candidate, v1::METRIC_LATENCY_US), 7);
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_ENERGY_MJ).has_value());
}

}  // namespace
}  // namespace niwaki::jobfile
