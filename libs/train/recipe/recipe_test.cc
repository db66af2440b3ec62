#include "libs/train/recipe/recipe.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/train/recipe/recipe_catalogue.h"

namespace niwaki::train {
namespace {

using ::testing::Contains;

TEST(RecipeTest, JsonRoundTrips) {
  Recipe recipe;
  recipe.space = "kws";
  recipe.augment = Augmentation::kPhoto;
  recipe.phase_validation = PhaseValidation::kCorners;
  recipe.phases[0].learning_rate = 0.123;
  recipe.phases[1].kernel_sizes = {ChoiceRule::Kind::kListed, {5, 7}};
  recipe.phases[1].teacher = "largest";
  recipe.phases[1].distillation = DistillationLoss::kMeanSquare;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe read, Recipe::FromJson(recipe.ToJson(), "r"));

  EXPECT_EQ(read.ToJson(), recipe.ToJson());
  EXPECT_EQ(read.phases[0].learning_rate, 0.123);
  EXPECT_EQ(read.phases[1].kernel_sizes.listed, std::vector<double>({5, 7}));
}

TEST(RecipeTest, OneNetworkIsTrainedAsLongWithoutTeacher) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, LoadRecipe("cifar32", ""));

  const Recipe alone = recipe.ForOneNetwork();

  EXPECT_THAT(alone.Validate(), IsOk());
  EXPECT_EQ(alone.epochs(), recipe.epochs());
  ASSERT_EQ(alone.phases.size(), 1);
  EXPECT_EQ(alone.phases[0].teacher, kNoTeacher);
  EXPECT_EQ(alone.phases[0].learning_rate, recipe.phases[0].learning_rate);
  EXPECT_EQ(alone.weight_decay, recipe.weight_decay);
}

TEST(RecipeTest, KeysOfATrainingInTwoPartsStandForPhases) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Recipe recipe,
      Recipe::FromJson(R"({"epochs": 10, "learning_rate": 0.2, "warmup_fraction": 0.1,
                           "largest_only_fraction": 0.3, "random_subnets": 2, "augment": false})",
                       "r"));

  ASSERT_EQ(recipe.phases.size(), 2u);
  EXPECT_DOUBLE_EQ(recipe.phases[0].epochs, 3);
  EXPECT_DOUBLE_EQ(recipe.phases[0].warmup_epochs, 1);
  EXPECT_EQ(recipe.phases[0].depths.kind, ChoiceRule::Kind::kLargest);
  EXPECT_DOUBLE_EQ(recipe.phases[1].epochs, 7);
  EXPECT_EQ(recipe.phases[1].sampling, SamplingRule::kSandwich);
  EXPECT_EQ(recipe.phases[1].subnets, 2);
  EXPECT_EQ(recipe.phases[1].learning_rate, 0);
  EXPECT_EQ(recipe.phases[1].sort_channels, 0);
  EXPECT_EQ(recipe.augment, Augmentation::kNone);
}

TEST(RecipeTest, ScalingStretchesPhasesAlike) {
  Recipe recipe;
  const double warmup = recipe.phases[0].warmup_epochs;

  recipe.ScaleTo(10);

  EXPECT_DOUBLE_EQ(recipe.epochs(), 10);
  EXPECT_DOUBLE_EQ(recipe.phases[0].epochs, 1);
  EXPECT_DOUBLE_EQ(recipe.phases[0].warmup_epochs, warmup / 2);
}

TEST(RecipeTest, CatalogueSpacesHaveRecipes) {
  EXPECT_NE(DefaultRecipe("cifar32").ToJson(), Recipe().ToJson());
  EXPECT_EQ(DefaultRecipe("of a user").ToJson(), Recipe().ToJson());
  EXPECT_EQ(DefaultRecipe("ofa_mbv3_w12").space, "ofa_mbv3_w10");
  EXPECT_EQ(DefaultRecipe("mcunet_mix").space, "mcunet");
  EXPECT_THAT(RecipeNames(), Contains("kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe named, LoadRecipe("ofa_mbv3", "kws"));
  EXPECT_EQ(named.phases.size(), 6u);
  EXPECT_DOUBLE_EQ(named.epochs(), 605);
}

TEST(RecipeTest, BadValuesAreNamed) {
  struct Case {
    const char* json;
    const char* message;
  };
  for (const Case& bad : {
           Case{R"({"learning_rat":1})", "learning_rat is not a key"},
           Case{R"({"batch_size":1.5})", "batch_size is not a number of the right kind"},
           Case{R"({"momentum":2})", "momentum is 2; it must be 0 to"},
           Case{"[]", "is not a JSON object"},
           Case{R"({"phases":[]})", "phases 0 is not 1 to 64"},
           Case{R"({"phases":[{"nam":"a"}]})", "phases[0].nam is not a key of a phase"},
           Case{R"({"epochs":3,"phases":[]})", "epochs does not go together with phases"},
           Case{R"({"phases":[{"name":"a","epochs":1,"learning_rate":0.1,"kernel_sizes":"big"}]})",
                "phases[0].kernel_sizes is neither all, largest nor a list"},
           Case{R"({"phases":[{"name":"a","epochs":1,"learning_rate":0.1,"sampling":"best"}]})",
                "is not one of reference, sandwich"},
           Case{R"({"phases":[{"name":"a","epochs":1}]})",
                "phases[0].learning_rate 0 is not above"},
           Case{R"({"phases":[{"name":"a","learning_rate":0.1}]})", "phases[0].epochs 0 is not"},
           Case{R"({"phases":[{"name":"a","epochs":1,"learning_rate":1,"warmup_epochs":2}]})",
                "phases[0].warmup_epochs 2 is not below 1"},
           Case{R"({"phases":[{"name":"a","epochs":1,"learning_rate":1},
                              {"name":"a","epochs":1}]})",
                "phases[1].name a is not a name of its own"},
           Case{R"({"phases":[{"name":"a","epochs":1,"learning_rate":1,"teacher":"b"}]})",
                "phases[0].teacher b is not none, live, start"},
       }) {
    SCOPED_TRACE(bad.json);
    EXPECT_THAT(Recipe::FromJson(bad.json, "r"),
                StatusIs(absl::StatusCode::kInvalidArgument, bad.message));
  }
  Recipe recipe;
  recipe.phases[0].epochs = std::nan("");
  EXPECT_THAT(recipe.Validate(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(RecipeTest, UnknownRecipeListsTheNames) {
  EXPECT_THAT(LoadRecipe("kvs", "kws"), StatusIs(absl::StatusCode::kNotFound, "one of cifar32"));
  EXPECT_THAT(LoadRecipe("kvs", "kws"),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
}

}  // namespace
}  // namespace niwaki::train
