#include "libs/train/recipe.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

TEST(RecipeTest, JsonRoundTrips) {
  Recipe recipe;
  recipe.learning_rate = 0.123;
  recipe.random_subnets = 3;
  recipe.augment = false;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe read, Recipe::FromJson(recipe.ToJson(), "r"));

  EXPECT_EQ(read.ToJson(), recipe.ToJson());
  EXPECT_EQ(read.learning_rate, 0.123);
}

TEST(RecipeTest, CatalogueSpacesHaveRecipes) {
  EXPECT_NE(DefaultRecipe("cifar32").ToJson(), Recipe().ToJson());
  EXPECT_EQ(DefaultRecipe("of a user").ToJson(), Recipe().ToJson());
}

TEST(RecipeTest, BadValuesAreNamed) {
  EXPECT_THAT(Recipe::FromJson(R"({"learning_rat":1})", "r"),
              StatusIs(absl::StatusCode::kInvalidArgument, "learning_rat is not a key"));
  EXPECT_THAT(Recipe::FromJson(R"({"batch_size":1.5})", "r"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(Recipe::FromJson(R"({"momentum":2})", "r"),
              StatusIs(absl::StatusCode::kInvalidArgument, "momentum 2 is not between"));
  EXPECT_THAT(Recipe::FromJson("[]", "r"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(LoadRecipe(::testing::TempDir() + "/none.json", "kws"),
              StatusIs(absl::StatusCode::kNotFound, "none.json"));
  Recipe recipe;
  recipe.epochs = std::nan("");
  EXPECT_THAT(recipe.Validate(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(RecipeTest, LearningRateRisesThenAnneals) {
  Recipe recipe;
  recipe.learning_rate = 1;
  recipe.warmup_fraction = 0.1;

  EXPECT_NEAR(LearningRateAt(recipe, 0), 0.1, 1e-12);
  EXPECT_NEAR(LearningRateAt(recipe, 0.1), 1, 1e-12);
  EXPECT_NEAR(LearningRateAt(recipe, 0.55), 0.5, 1e-12);
  EXPECT_NEAR(LearningRateAt(recipe, 1), 0, 1e-12);
}

}  // namespace
}  // namespace niwaki::train
