#include "services/cli/show/plots/front_plot.h"

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

v1::Candidate MakeCandidate(int slot, double top1, double latency_us) {
  v1::Candidate candidate;
  candidate.set_slot(slot);
  candidate.mutable_score()->set_top1(top1);
  candidate.mutable_cost()->mutable_latency_us()->set_value(latency_us);
  candidate.mutable_cost()->mutable_latency_us()->set_provenance(v1::PROVENANCE_PREDICTED);
  candidate.mutable_cost()->set_macs(1000000);
  return candidate;
}

TEST(FrontPlotTest, ScoreStandsOverCost) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  job.mutable_spec()->add_objectives(v1::METRIC_LATENCY_US);
  v1::Constraint* constraint = job.mutable_spec()->add_constraints();
  constraint->set_metric(v1::METRIC_LATENCY_US);
  constraint->set_max(100000);

  const ScatterPlot plot =
      MakeFrontPlot(job, {MakeCandidate(1, 0.5, 20000)}, {MakeCandidate(0, 0.4, 30000)});

  EXPECT_EQ(plot.x_title, "latency (ms)");
  EXPECT_EQ(plot.y_title, "top-1 accuracy (%)");
  ASSERT_EQ(plot.front.size(), 1);
  EXPECT_EQ(plot.front[0].x, 20);
  EXPECT_EQ(plot.front[0].y, 50);
  EXPECT_EQ(plot.front[0].label, "1");
  EXPECT_THAT(plot.front[0].tooltip, HasSubstr("latency 20.0 ms"));
  ASSERT_EQ(plot.limits.size(), 1);
  EXPECT_EQ(plot.limits[0].axis, PlotAxis::kX);
  EXPECT_EQ(plot.limits[0].value, 100);
}

TEST(FrontPlotTest, AccuraciesHaveBarsOfOneStandardError) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  job.mutable_spec()->add_objectives(v1::METRIC_LATENCY_US);
  v1::Candidate sure = MakeCandidate(1, 0.5, 20000);
  sure.mutable_score()->set_images(100);

  const ScatterPlot plot = MakeFrontPlot(job, {sure, MakeCandidate(2, 0.4, 10000)}, {});

  ASSERT_EQ(plot.front.size(), 2);
  EXPECT_NEAR(plot.front[0].y_error, 5, 1e-9);
  EXPECT_EQ(plot.front[0].x_error, 0);
  EXPECT_THAT(plot.front[0].tooltip, HasSubstr("50.0 % (standard error 5.0)"));
  EXPECT_EQ(plot.front[1].y_error, 0) << "the number of images is not known";
  EXPECT_EQ(plot.error_name, "one standard error");
  EXPECT_TRUE(plot.tested.empty());
}

TEST(FrontPlotTest, TestScoresAreDrawnWhereTheyAreKnown) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  job.mutable_spec()->add_objectives(v1::METRIC_LATENCY_US);
  v1::Candidate tested = MakeCandidate(1, 0.5, 20000);
  tested.mutable_test_score()->set_top1(0.4);
  tested.mutable_test_score()->set_images(600);

  const ScatterPlot plot = MakeFrontPlot(job, {tested, MakeCandidate(2, 0.4, 10000)}, {});

  ASSERT_EQ(plot.tested.size(), 1);
  EXPECT_EQ(plot.tested[0].x, 20);
  EXPECT_EQ(plot.tested[0].y, 40);
  EXPECT_NEAR(plot.tested[0].y_error, 2, 1e-9);
  EXPECT_EQ(plot.front[0].y, 50);
  EXPECT_THAT(plot.front[0].tooltip, HasSubstr("on the test split 40.0 %"));
}

TEST(FrontPlotTest, UnknownCostIsNotDrawnAtZero) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  job.mutable_spec()->add_objectives(v1::METRIC_LATENCY_US);
  v1::Candidate unknown = MakeCandidate(2, 0.6, 0);
  unknown.mutable_cost()->clear_latency_us();

  const ScatterPlot plot = MakeFrontPlot(job, {MakeCandidate(1, 0.5, 20000), unknown}, {unknown});

  ASSERT_EQ(plot.front.size(), 1);
  EXPECT_EQ(plot.front[0].x, 20);
  EXPECT_TRUE(plot.dots.empty());
  EXPECT_THAT(plot.subtitle,
              HasSubstr("1 of the front not drawn: latency or top-1 accuracy unknown"));
}

TEST(FrontPlotTest, WithoutLatenciesASingleScoreStandsOverMacs) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  v1::Candidate unknown = MakeCandidate(2, 0.6, 0);
  unknown.mutable_cost()->clear_latency_us();

  const ScatterPlot plot = MakeFrontPlot(job, {unknown}, {unknown});

  EXPECT_EQ(plot.x_title, "MACs (millions)");
  ASSERT_EQ(plot.front.size(), 1);
  EXPECT_EQ(plot.front[0].x, 1);
}

TEST(FrontPlotTest, OrderOfObjectivesDoesNotTurnThePlot) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_MACS);
  job.mutable_spec()->add_objectives(v1::METRIC_LOSS);
  const ScatterPlot plot = MakeFrontPlot(job, {}, {});

  EXPECT_EQ(plot.x_title, "MACs (millions)");
  EXPECT_EQ(plot.y_title, "loss (nats)");
  EXPECT_FALSE(plot.larger_y_is_better);
}

TEST(FrontPlotTest, SingleObjectiveGetsASecondAxis) {
  v1::Job job;
  job.mutable_spec()->add_objectives(v1::METRIC_TOP1);
  EXPECT_EQ(MakeFrontPlot(job, {}, {}).x_title, "latency (ms)");

  job.mutable_spec()->set_objectives(0, v1::METRIC_FLASH_BYTES);
  EXPECT_EQ(MakeFrontPlot(job, {}, {}).x_title, "flash (kB)");
}

TEST(FrontPlotTest, UnscoredCandidatesAreLeftOut) {
  v1::Job job;
  v1::Candidate unscored = MakeCandidate(1, 0, 10);
  unscored.clear_score();

  EXPECT_TRUE(MakeFrontPlot(job, {}, {unscored}).dots.empty());
}

}  // namespace
}  // namespace niwaki::cli
