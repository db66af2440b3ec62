#include "libs/search/algorithms/subnet_features.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"

namespace niwaki::search {
namespace {

using ::testing::Each;

TEST(SubnetFeaturesTest, SizesAreLogarithmsAndBlocksAreMarks) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  const SubnetFeatures features(space);
  const std::vector<double> least = features.Of(arch::MinSubnet(space));
  const std::vector<double> most = features.Of(arch::MaxSubnet(space));

  EXPECT_EQ(features.size(), 4 + 21 * 5);
  EXPECT_EQ(least[0], -1);
  EXPECT_EQ(most[0], 1);
  EXPECT_EQ(least[2], -1);
  EXPECT_EQ(most[3], 1);
  // The first block at its smallest: active, no other marks.
  EXPECT_EQ(std::vector<double>(least.begin() + 4, least.begin() + 9),
            (std::vector<double>{1, 0, 0, 0, 0}));
  EXPECT_EQ(std::vector<double>(most.begin() + 4, most.begin() + 9),
            (std::vector<double>{1, 0, 1, 0, 1}));
  // The third block of a stage of depth two is off.
  EXPECT_THAT(std::vector<double>(least.begin() + 14, least.begin() + 19), Each(0));
}

TEST(SubnetFeaturesTest, OneSizeIsZero) {
  const arch::SearchSpace space = *arch::CatalogueSpace("ofa_mbv3_w12");
  EXPECT_EQ(SubnetFeatures(space).Of(arch::MaxSubnet(space))[2], 0);
}

TEST(SubnetFeaturesTest, EveryGeneOfAResNetCounts) {
  const arch::SearchSpace space = *arch::CatalogueSpace("ofa_resnet50");
  const SubnetFeatures features(space);
  const arch::GeneLayout& layout = space.layout();
  const std::vector<double> least = features.Of(arch::MinSubnet(space));

  // Resolution, six widths, the stem, and 18 blocks of 3.
  EXPECT_EQ(features.size(), 2 + 6 * 2 + 1 + 18 * 3);
  int changed = 0;
  for (int gene = 0; gene < layout.num_genes; ++gene) {
    if (space.gene_sizes()[gene] < 2) continue;
    arch::Subnet subnet = arch::MinSubnet(space);
    subnet.genes[gene] = 1;
    arch::Canonicalise(space, subnet);
    if (subnet == arch::MinSubnet(space)) continue;
    ++changed;
    EXPECT_NE(features.Of(subnet), least) << gene;
  }
  // The depths of four stages and the expand ratios of the ten blocks that are there.
  EXPECT_EQ(changed, 1 + 6 + 1 + 4 + 10);
  arch::Subnet wider = arch::MinSubnet(space);
  wider.genes[layout.widths.back()] = 2;
  EXPECT_EQ(features.Of(wider)[2 + 2 * 5], 1);
  wider.genes[layout.stem_residual] = 1;
  EXPECT_EQ(features.Of(wider)[2 + 2 * 6], 1);
}

}  // namespace
}  // namespace niwaki::search
