#include "libs/jobfile/metric.h"

#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/metric.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {
namespace {

using ::testing::Contains;
using ::testing::Eq;
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

TEST(MetricTest, EnumeratorsHaveTheNamesOfTheirMetrics) {
  for (const search::Metric metric : search::kAllMetrics) {
    const std::string name = absl::AsciiStrToLower(v1::Metric_Name(MetricToProto(metric)));
    EXPECT_EQ(name, absl::StrCat("metric_", search::MetricName(metric)));
    EXPECT_THAT(MetricFromProto(MetricToProto(metric)), Optional(metric));
    EXPECT_EQ(IsMaximised(MetricToProto(metric)), search::IsMaximised(metric));
  }
  EXPECT_EQ(v1::Metric_MAX, v1::METRIC_PARAMS);
  for (const int unknown : {-1, 0, v1::Metric_MAX + 1}) {
    EXPECT_EQ(MetricFromProto(unknown), std::nullopt);
  }
  EXPECT_EQ(MetricTitle(v1::METRIC_TOP1), "top-1 accuracy");
  EXPECT_EQ(MetricTitle(v1::METRIC_UNSPECIFIED), "metric 0");
}

TEST(MetricTest, LimitsAreInTheMetricsUnit) {
  EXPECT_THAT(ParseLimit(search::Metric::kSramBytes, "64kB"), IsOkAndHolds(Eq(65536)));
  EXPECT_THAT(ParseLimit(search::Metric::kLatencyUs, "100ms"), IsOkAndHolds(Eq(100000)));
  EXPECT_THAT(ParseLimit(search::Metric::kEnergyMj, "0.5 J"), IsOkAndHolds(Eq(500)));
  EXPECT_THAT(ParseLimit(search::Metric::kMacs, "5M"), IsOkAndHolds(Eq(5e6)));
  for (const char* text : {"0", "-1", "64 cows", "", "nan"}) {
    for (const search::Metric metric : search::kAllMetrics) {
      const absl::Status status = ParseLimit(metric, text).status();
      ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
          << text;
      EXPECT_NE(GetErrorDetail(status)->limit, "");
    }
  }
}

TEST(MetricTest, ValueComesFromCostOrScore) {
  v1::Candidate candidate;
  EXPECT_FALSE(MetricValue(candidate, v1::METRIC_TOP1).has_value());

  candidate.mutable_cost()->mutable_latency_us()->set_value(1500);
  candidate.mutable_cost()->mutable_latency_us()->set_provenance(v1::PROVENANCE_PREDICTED);
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
