#include "libs/train/recipe/recipe.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

TEST(RecipeTest, OneNetworkIsTrainedAsLongWithoutTeacher) {
  Recipe recipe;
  recipe.weight_decay = 0.02;
  recipe.phases[0].learning_rate = 0.3;

  const Recipe alone = recipe.ForOneNetwork();

  EXPECT_THAT(alone.Validate(), IsOk());
  EXPECT_DOUBLE_EQ(alone.epochs(), 20);
  ASSERT_EQ(alone.phases.size(), 1u);
  EXPECT_EQ(alone.phases[0].teacher, kNoTeacher);
  EXPECT_EQ(alone.phases[0].learning_rate, 0.3);
  EXPECT_EQ(alone.phases[0].warmup_epochs, recipe.phases[0].warmup_epochs);
  EXPECT_EQ(alone.weight_decay, 0.02);
}

TEST(RecipeTest, ScalingStretchesPhasesAlike) {
  Recipe recipe;
  const double warmup = recipe.phases[0].warmup_epochs;

  recipe.ScaleTo(10);

  EXPECT_DOUBLE_EQ(recipe.epochs(), 10);
  EXPECT_DOUBLE_EQ(recipe.phases[0].epochs, 1);
  EXPECT_DOUBLE_EQ(recipe.phases[0].warmup_epochs, warmup / 2);
}

TEST(RecipeTest, TwoPartsShareLengthAndCosine) {
  TwoPartOptions options;
  options.epochs = 8;
  options.learning_rate = 0.4;
  options.warmup_fraction = 0.125;
  options.largest_only_fraction = 0.25;
  options.random_subnets = 3;

  const std::vector<Phase> phases = TwoPartPhases(options);

  ASSERT_EQ(phases.size(), 2u);
  EXPECT_DOUBLE_EQ(phases[0].epochs, 2);
  EXPECT_DOUBLE_EQ(phases[0].warmup_epochs, 1);
  EXPECT_EQ(phases[0].learning_rate, 0.4);
  EXPECT_EQ(phases[0].width_mults.kind, ChoiceRule::Kind::kLargest);
  EXPECT_EQ(phases[0].resolutions.kind, ChoiceRule::Kind::kAll);
  EXPECT_DOUBLE_EQ(phases[1].epochs, 6);
  EXPECT_EQ(phases[1].learning_rate, 0);
  EXPECT_EQ(phases[1].subnets, 3);
  EXPECT_EQ(phases[1].teacher, kLiveTeacher);
  EXPECT_EQ(phases[1].kd_ratio, 0.5);
}

TEST(RecipeTest, APartOfNoLengthIsLeftOut) {
  TwoPartOptions largest_only;
  largest_only.largest_only_fraction = 1;
  TwoPartOptions all_only;
  all_only.largest_only_fraction = 0;

  const std::vector<Phase> first = TwoPartPhases(largest_only);
  const std::vector<Phase> second = TwoPartPhases(all_only);

  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].name, "largest");
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].name, "all");
  // It has the rate and the warm-up, and nothing to sort by.
  EXPECT_EQ(second[0].learning_rate, 0.1);
  EXPECT_DOUBLE_EQ(second[0].warmup_epochs, 1);
  EXPECT_EQ(second[0].sort_channels, -1);
}

TEST(RecipeTest, ValuesOutOfRangeAreNamed) {
  Recipe no_number;
  no_number.phases[0].epochs = std::nan("");
  Recipe too_small;
  too_small.batch_size = 1;
  Recipe warms_too_long;
  warms_too_long.phases[0].warmup_epochs = 20;
  Recipe warms_without_rate;
  warms_without_rate.phases[1].warmup_epochs = 1;
  Recipe learns_from_later;
  learns_from_later.phases[0].teacher = "all";

  EXPECT_THAT(Recipe().Validate(), IsOk());
  EXPECT_THAT(no_number.Validate(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(no_number.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, "phases[0].epochs is nan; it must be"));
  EXPECT_THAT(too_small.Validate(), StatusIs(absl::StatusCode::kInvalidArgument,
                                             "batch_size is 1; it must be 2 to 65536"));
  // The cosine of the first phase goes on over the second.
  EXPECT_THAT(warms_too_long.Validate(), StatusIs(absl::StatusCode::kInvalidArgument,
                                                  "phases[0].warmup_epochs 20 is not below 20"));
  EXPECT_THAT(warms_without_rate.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, "phases[1].warmup_epochs 1 is not 0"));
  EXPECT_THAT(learns_from_later.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "phases[0].teacher all is not none, live, start"));
}

}  // namespace
}  // namespace niwaki::train
