#include "libs/predictor/baselines.h"

#include <cmath>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

TEST(BaselinesTest, ScoresThatFollowMacsAgreeWithThem) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  Random random(1);
  ScoreTable table;
  for (int i = 0; i < 60; ++i) {
    table.subnets.push_back(arch::SampleSubnet(space, random));
    table.top1.push_back(
        1e-9 * static_cast<double>(arch::CountMacs(arch::BuildGraph(space, table.subnets.back()))));
  }
  HeldOut figures;

  MeasureBaselines(space, table, figures);

  EXPECT_EQ(figures.macs->kendall, 1);
  EXPECT_EQ(figures.macs->kendall_within, 1);
  EXPECT_GT(figures.parameters->kendall, 0);
  EXPECT_LT(figures.parameters->kendall, 0.9);
  // Of one input size the order by parameters is nearly that by arithmetic.
  EXPECT_GT(*figures.parameters->kendall_within, figures.parameters->kendall);
}

TEST(BaselinesTest, WithoutPairsOfOneInputNothingIsKnownWithin) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  ScoreTable table;
  for (int i = 0; i < 2; ++i) {
    table.subnets.push_back(arch::MinSubnet(space));
    table.subnets.back().genes[space.layout().resolution] = i;
    table.top1.push_back(0.5 + 0.1 * i);
  }
  HeldOut figures;

  MeasureBaselines(space, table, figures);

  EXPECT_EQ(figures.macs->kendall, 1);
  EXPECT_EQ(figures.macs->kendall_within, std::nullopt);
  // Both have the same parameters.
  EXPECT_EQ(figures.parameters->kendall, 0);
}

}  // namespace
}  // namespace niwaki::predictor
