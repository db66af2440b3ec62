#include "libs/search/subnet_features.h"

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

}  // namespace
}  // namespace niwaki::search
