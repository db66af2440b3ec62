#include "libs/train/recipe/recipe_catalogue.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;

TEST(RecipeCatalogueTest, NamesAreThoseOfTheFiles) {
  EXPECT_THAT(RecipeNames(), ElementsAre("cifar32", "kws", "mcunet", "ofa_mbv3"));
}

TEST(RecipeCatalogueTest, CatalogueSpacesHaveRecipes) {
  EXPECT_NE(DefaultRecipe("cifar32").ToJson(), Recipe().ToJson());
  EXPECT_EQ(DefaultRecipe("of a user").ToJson(), Recipe().ToJson());
  EXPECT_EQ(DefaultRecipe("ofa_mbv3_w12").space, "ofa_mbv3_w10");
  EXPECT_EQ(DefaultRecipe("mcunet_mix").space, "mcunet");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe named, LoadRecipe("ofa_mbv3", "kws"));
  EXPECT_EQ(named.phases.size(), 6u);
  EXPECT_DOUBLE_EQ(named.epochs(), 605);
}

TEST(RecipeCatalogueTest, ANameStandsBeforeTheSpace) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe named, LoadRecipe("cifar32", "kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe of_space, LoadRecipe("", "kws"));

  EXPECT_EQ(named.space, "cifar32");
  EXPECT_EQ(of_space.space, "kws");
}

TEST(RecipeCatalogueTest, FilesAreReadAndNamedInErrors) {
  const std::string good = ::testing::TempDir() + "/good.json";
  const std::string bad = ::testing::TempDir() + "/bad.json";
  NIWAKI_ASSERT_OK(WriteFileAtomically(good, R"({"batch_size": 17})"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(bad, R"({"batch_sise": 17})"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, LoadRecipe(good, "kws"));

  EXPECT_EQ(recipe.batch_size, 17);
  EXPECT_THAT(LoadRecipe(bad, "kws"), StatusIs(absl::StatusCode::kInvalidArgument, bad));
}

TEST(RecipeCatalogueTest, UnknownRecipeListsTheNames) {
  EXPECT_THAT(LoadRecipe("kvs", "kws"), StatusIs(absl::StatusCode::kNotFound, "one of cifar32"));
  EXPECT_THAT(LoadRecipe("kvs", "kws"),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

}  // namespace
}  // namespace niwaki::train
