#include "libs/search/metric.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

TEST(MetricTest, NamesRoundTrip) {
  for (const Metric metric : kAllMetrics) {
    EXPECT_THAT(MetricFromName(MetricName(metric)), IsOkAndHolds(metric));
  }
}

TEST(MetricTest, UnknownNameListsTheNames) {
  const auto metric = MetricFromName("speed");
  EXPECT_THAT(metric, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_THAT(metric, StatusIs(kInvalid, "sram_bytes"));
}

TEST(MetricTest, EveryMetricHasItsOwnField) {
  Metrics metrics;
  double next = 1;
  for (const Metric metric : kAllMetrics) metrics[metric] = next++;
  EXPECT_EQ(metrics.top1, 1);
  EXPECT_EQ(metrics.loss, 3);
  EXPECT_EQ(metrics.sram_bytes, 4);
  EXPECT_EQ(metrics.latency_us, 6);
  EXPECT_EQ(metrics.params, 9);
}

TEST(MetricTest, ScoresAreNotCosts) {
  for (const Metric metric : {Metric::kTop1, Metric::kTop5, Metric::kLoss}) {
    EXPECT_FALSE(IsCost(metric));
  }
  EXPECT_TRUE(IsCost(Metric::kMacs));
  EXPECT_TRUE(IsMaximised(Metric::kTop5));
  EXPECT_FALSE(IsMaximised(Metric::kLoss));
}

TEST(ObjectivesOfTest, NegatesWhatIsMaximised) {
  Metrics metrics;
  metrics.top1 = 0.75;
  metrics.macs = 1e6;
  EXPECT_THAT(ObjectivesOf(metrics, {Metric::kMacs, Metric::kTop1}),
              IsOkAndHolds(ElementsAre(1e6, -0.75)));
}

TEST(ObjectivesOfTest, RefusesAbsentAndNotFinite) {
  Metrics metrics;
  EXPECT_THAT(ObjectivesOf(metrics, {Metric::kLoss}), HasReason(kInvalid, reason::kScoreNotFinite));
  metrics.loss = std::numeric_limits<double>::quiet_NaN();
  const auto objectives = ObjectivesOf(metrics, {Metric::kLoss});
  EXPECT_THAT(objectives, HasReason(kInvalid, reason::kScoreNotFinite));
  EXPECT_EQ(GetErrorDetail(objectives.status())->field, "loss");
  metrics.loss = std::numeric_limits<double>::infinity();
  EXPECT_THAT(ObjectivesOf(metrics, {Metric::kLoss}), HasReason(kInvalid, reason::kScoreNotFinite));
}

}  // namespace
}  // namespace niwaki::search
