#include "libs/arch/restrict.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

TEST(RestrictTest, KeepsOnlyTheResolutionsGiven) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("ofa_mbv3_w12"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace small, WithResolutions(space, {224, 160}));

  ASSERT_EQ(small.resolutions().size(), 2u);
  EXPECT_EQ(small.resolutions()[0].value, 160);
  EXPECT_EQ(small.resolutions()[1].value, 224);
  EXPECT_EQ(small.gene_sizes().size(), space.gene_sizes().size());
  EXPECT_EQ(ToJson(small, MaxSubnet(small)), ToJson(space, MaxSubnet(space)));
}

TEST(RestrictTest, RefusesUnknownResolutionsAndNone) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("mcunet"));
  EXPECT_THAT(WithResolutions(space, {48, 50}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "space mcunet has no resolution 50; it has 48, 64"));
  EXPECT_THAT(WithResolutions(space, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "no resolution at all"));
}

}  // namespace
}  // namespace niwaki::arch
