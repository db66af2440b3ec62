#include "libs/search/metric.h"

#include <limits>
#include <utility>
#include <vector>

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

TEST(MetricTest, AxesAreInUnitsThatPeopleRead) {
  EXPECT_EQ(FactsOf(Metric::kTop1).axis.factor, 100);
  EXPECT_EQ(FactsOf(Metric::kTop1).axis.unit, "%");
  EXPECT_EQ(FactsOf(Metric::kSramBytes).axis.factor * 65536, 64);
  EXPECT_EQ(FactsOf(Metric::kSramBytes).axis.unit, "kB");
  EXPECT_EQ(FactsOf(Metric::kLatencyUs).axis.unit, "ms");
  EXPECT_EQ(FactsOf(Metric::kMacs).axis.unit, "millions");
  for (const Metric metric : kAllMetrics) {
    EXPECT_GT(FactsOf(metric).axis.factor, 0);
    EXPECT_FALSE(FactsOf(metric).axis.unit.empty());
  }
}

TEST(PlotAxesTest, ScoreStandsOverCost) {
  const auto axes = [](std::vector<Metric> objectives, bool latency_known = true) {
    const PlotAxes found = PlotAxesOf(objectives, latency_known);
    return std::make_pair(found.x, found.y);
  };
  EXPECT_EQ(axes({Metric::kTop1, Metric::kMacs}), std::make_pair(Metric::kMacs, Metric::kTop1));
  EXPECT_EQ(axes({Metric::kMacs, Metric::kTop1}), std::make_pair(Metric::kMacs, Metric::kTop1));
  EXPECT_EQ(axes({Metric::kTop1, Metric::kLoss}), std::make_pair(Metric::kLoss, Metric::kTop1));
  EXPECT_EQ(axes({Metric::kMacs, Metric::kParams}), std::make_pair(Metric::kParams, Metric::kMacs));
  EXPECT_EQ(axes({Metric::kTop5}), std::make_pair(Metric::kLatencyUs, Metric::kTop5));
  EXPECT_EQ(axes({Metric::kTop5}, false), std::make_pair(Metric::kMacs, Metric::kTop5));
  EXPECT_EQ(axes({Metric::kFlashBytes}), std::make_pair(Metric::kFlashBytes, Metric::kTop1));
  EXPECT_EQ(axes({}), std::make_pair(Metric::kLatencyUs, Metric::kTop1));
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
