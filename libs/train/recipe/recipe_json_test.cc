// Recipes to and from JSON (recipe_json.cc).

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {
namespace {

TEST(RecipeJsonTest, JsonRoundTrips) {
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

TEST(RecipeJsonTest, EveryKeyIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, Recipe::FromJson(R"({
      "space": "kws", "batch_size": 128, "shard_size": 16, "learning_rate_batch": 256,
      "momentum": 0.8, "weight_decay": 0.001, "label_smoothing": 0.2, "dropout": 0.3,
      "gradient_clip": 2, "augment": "photo", "phase_validation": "corners",
      "phases": [{"name": "a", "epochs": 3, "warmup_epochs": 1, "learning_rate": 0.5,
                  "warmup_learning_rate": 0.05, "kernel_sizes": "largest", "expand_ratios": [3, 4],
                  "depths": "all", "width_mults": [0.5], "resolutions": [32], "subnets": 4,
                  "sampling": "sandwich", "teacher": "start", "distillation": "mse",
                  "kd_ratio": 0.7, "label_ratio": 0.25, "sort_channels": 2}]})",
                                                                    "r"));

  EXPECT_EQ(recipe.space, "kws");
  EXPECT_EQ(recipe.batch_size, 128);
  EXPECT_EQ(recipe.shard_size, 16);
  EXPECT_EQ(recipe.learning_rate_batch, 256);
  EXPECT_EQ(recipe.momentum, 0.8);
  EXPECT_EQ(recipe.weight_decay, 0.001);
  EXPECT_EQ(recipe.label_smoothing, 0.2);
  EXPECT_EQ(recipe.dropout, 0.3);
  EXPECT_EQ(recipe.gradient_clip, 2);
  EXPECT_EQ(recipe.augment, Augmentation::kPhoto);
  EXPECT_EQ(recipe.phase_validation, PhaseValidation::kCorners);
  ASSERT_EQ(recipe.phases.size(), 1u);
  const Phase& phase = recipe.phases[0];
  EXPECT_EQ(phase.name, "a");
  EXPECT_EQ(phase.epochs, 3);
  EXPECT_EQ(phase.warmup_epochs, 1);
  EXPECT_EQ(phase.learning_rate, 0.5);
  EXPECT_EQ(phase.warmup_learning_rate, 0.05);
  EXPECT_EQ(phase.kernel_sizes.kind, ChoiceRule::Kind::kLargest);
  EXPECT_EQ(phase.expand_ratios.listed, std::vector<double>({3, 4}));
  EXPECT_EQ(phase.depths.kind, ChoiceRule::Kind::kAll);
  EXPECT_EQ(phase.width_mults.listed, std::vector<double>({0.5}));
  EXPECT_EQ(phase.resolutions.listed, std::vector<double>({32}));
  EXPECT_EQ(phase.subnets, 4);
  EXPECT_EQ(phase.sampling, SamplingRule::kSandwich);
  EXPECT_EQ(phase.teacher, kStartTeacher);
  EXPECT_EQ(phase.distillation, DistillationLoss::kMeanSquare);
  EXPECT_EQ(phase.kd_ratio, 0.7);
  EXPECT_EQ(phase.label_ratio, 0.25);
  EXPECT_EQ(phase.sort_channels, 2);
}

TEST(RecipeJsonTest, AbsentKeysKeepTheirDefaults) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, Recipe::FromJson("{}", "r"));

  EXPECT_EQ(recipe.batch_size, 64);
  EXPECT_EQ(recipe.label_smoothing, 0.1);
  EXPECT_EQ(recipe.augment, Augmentation::kSmall);
  EXPECT_DOUBLE_EQ(recipe.epochs(), 20);
}

TEST(RecipeJsonTest, AugmentMayBeASwitch) {
  EXPECT_EQ(Recipe::FromJson(R"({"augment": true})", "r")->augment, Augmentation::kSmall);
  EXPECT_EQ(Recipe::FromJson(R"({"augment": false})", "r")->augment, Augmentation::kNone);
}

TEST(RecipeJsonTest, KeysOfATrainingInTwoPartsStandForPhases) {
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

TEST(RecipeJsonTest, BadValuesAreNamed) {
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
           Case{R"({"phases":[{"name":"a","learning_rate":0.1}]})",
                "phases[0].epochs is 0; it must be 1e-06 to 1000000"},
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
}

TEST(RecipeJsonTest, TextThatIsNoJsonIsMalformed) {
  EXPECT_THAT(Recipe::FromJson("{", "notes.json"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(Recipe::FromJson("{", "notes.json"),
              StatusIs(absl::StatusCode::kInvalidArgument, "notes.json"));
}

}  // namespace
}  // namespace niwaki::train
