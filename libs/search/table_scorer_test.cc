#include "libs/search/table_scorer.h"

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

constexpr double kRounding = 1e-9;

TEST(TableScorerTest, CostGrowsFromZeroToOneWithTheChoices) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  const TableScorer scorer(space, 1);

  EXPECT_EQ(scorer.Cost(arch::MinSubnet(space)), 0);
  EXPECT_NEAR(scorer.Cost(arch::MaxSubnet(space)), 1, kRounding);
  // One larger choice is dearer, whatever the rest is.
  Random random(7);
  for (int i = 0; i < 200; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    for (size_t gene = 0; gene < subnet.genes.size(); ++gene) {
      if (subnet.genes[gene] + 1 >= space.gene_sizes()[gene]) continue;
      arch::Subnet larger = subnet;
      ++larger.genes[gene];
      EXPECT_GT(scorer.Cost(larger), scorer.Cost(subnet));
    }
  }
}

TEST(TableScorerTest, LossLiesWithinTheUnitAndFallsWithSize) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  const TableScorer scorer(space, 1);
  Random random(7);
  double sum = 0;
  constexpr int kDraws = 500;
  for (int i = 0; i < kDraws; ++i) {
    const double loss = scorer.Loss(arch::SampleSubnet(space, random));
    EXPECT_GE(loss, -kRounding);
    EXPECT_LE(loss, 1 + kRounding);
    sum += loss;
  }

  EXPECT_GT(scorer.Loss(arch::MinSubnet(space)), sum / kDraws);
  EXPECT_LT(scorer.Loss(arch::MaxSubnet(space)), sum / kDraws);
}

TEST(TableScorerTest, SeedMakesTheTable) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  Random random(3);
  const arch::Subnet subnet = arch::SampleSubnet(space, random);

  EXPECT_EQ(TableScorer(space, 1).Loss(subnet), TableScorer(space, 1).Loss(subnet));
  EXPECT_NE(TableScorer(space, 1).Loss(subnet), TableScorer(space, 2).Loss(subnet));
  EXPECT_NE(TableScorer(space, 1).Cost(subnet), TableScorer(space, 2).Cost(subnet));
}

}  // namespace
}  // namespace niwaki::search
