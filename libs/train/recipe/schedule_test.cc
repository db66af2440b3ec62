#include "libs/train/recipe/schedule.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/train/recipe/recipe_catalogue.h"

namespace niwaki::train {
namespace {

constexpr int kStepsPerEpoch = 10;

arch::SearchSpace Kws() { return *arch::CatalogueSpace("kws"); }

Recipe WithPhases(const std::string& phases) {
  const auto recipe = Recipe::FromJson(absl::StrCat(R"({"phases":[)", phases, "]}"), "r");
  EXPECT_THAT(recipe.status(), IsOk());
  return *recipe;
}

constexpr char kFull[] = R"({"name":"full","epochs":4,"warmup_epochs":1,"learning_rate":0.8,
  "warmup_learning_rate":0.1,"kernel_sizes":"largest","depths":"largest","expand_ratios":"largest",
  "width_mults":"largest"})";
constexpr char kKernel[] = R"({"name":"kernel","epochs":6,"learning_rate":0.5,"teacher":"full",
  "depths":"largest","expand_ratios":"largest","width_mults":"largest"})";

TEST(ScheduleTest, PhasesBeginAtTheirEpochs) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Schedule schedule,
      Schedule::Create(Kws(), WithPhases(absl::StrCat(kFull, ",", kKernel)), kStepsPerEpoch));

  EXPECT_EQ(schedule.length(), 100);
  EXPECT_EQ(schedule.PhaseAt(39), 0);
  EXPECT_EQ(schedule.PhaseAt(40), 1);
  EXPECT_EQ(schedule.PhaseAt(100), 1);
  EXPECT_TRUE(schedule.TakesTeacher(1));
  EXPECT_FALSE(schedule.TakesTeacher(0));
}

TEST(ScheduleTest, PhasesShareATimeByTheirEpochs) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Schedule schedule,
      Schedule::Create(Kws(), WithPhases(absl::StrCat(kFull, ",", kKernel)), 0));

  EXPECT_EQ(schedule.PhaseAt(0.39), 0);
  EXPECT_EQ(schedule.PhaseAt(0.41), 1);
  EXPECT_NEAR(schedule.LearningRateAt(0.05), (0.1 + 0.8) / 2, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(0.7), 0.25, 1e-12);
}

TEST(ScheduleTest, RateRisesFromTheStartGivenThenAnneals) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Schedule schedule,
      Schedule::Create(Kws(), WithPhases(absl::StrCat(kFull, ",", kKernel)), kStepsPerEpoch));

  // The reference's (T_cur + 1) / T_total * (peak - start) + start.
  EXPECT_NEAR(schedule.LearningRateAt(0), 0.1 + 0.07, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(9), 0.8, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(10), 0.8, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(25), 0.4, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(40), 0.5, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(70), 0.25, 1e-12);
}

TEST(ScheduleTest, OneCosineGoesOnOverPhasesWithoutARate) {
  Recipe recipe;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Schedule schedule,
                              Schedule::Create(Kws(), recipe, kStepsPerEpoch));

  // 20 epochs, of which 1 warms up; the second phase begins at step 80.
  EXPECT_EQ(schedule.PhaseAt(80), 1);
  EXPECT_NEAR(schedule.LearningRateAt(105), 0.05, 1e-12);
  EXPECT_LT(schedule.LearningRateAt(199), 1e-4);
}

TEST(ScheduleTest, RatesGrowWithTheBatchAndTheirStartDoesNot) {
  Recipe recipe = WithPhases(kFull);
  recipe.batch_size = 128;
  recipe.learning_rate_batch = 64;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Schedule schedule,
                              Schedule::Create(Kws(), recipe, kStepsPerEpoch));

  EXPECT_NEAR(schedule.LearningRateAt(10), 1.6, 1e-12);
  EXPECT_NEAR(schedule.LearningRateAt(0), 0.1 + 0.15, 1e-12);
}

TEST(ScheduleTest, ShrinkingPhasesAreRefused) {
  const Recipe recipe = WithPhases(absl::StrCat(kFull, R"(,
      {"name":"kernel","epochs":1,"learning_rate":1,"depths":"largest"},
      {"name":"depth","epochs":1,"learning_rate":1,"kernel_sizes":[5,7]})"));

  const auto schedule = Schedule::Create(Kws(), recipe, kStepsPerEpoch);

  EXPECT_THAT(schedule, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(schedule, StatusIs(absl::StatusCode::kInvalidArgument,
                                 "phase 'depth' allows kernel_sizes {5,7}, but phase 'kernel' "
                                 "before it has trained {3,5,7}"));
}

TEST(ScheduleTest, ChoicesOutsideTheSpaceAreRefused) {
  const Recipe recipe =
      WithPhases(R"({"name":"a","epochs":1,"learning_rate":1,"kernel_sizes":[7,9]})");

  EXPECT_THAT(Schedule::Create(Kws(), recipe, kStepsPerEpoch),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "phase 'a': kernel_sizes 9 is no choice of space 'kws', which has {3,5,7}"));
}

TEST(ScheduleTest, OnlyOneTeacherIsKept) {
  const Recipe recipe = WithPhases(absl::StrCat(kFull, R"(,
      {"name":"a","epochs":1,"learning_rate":1,"teacher":"full"},
      {"name":"b","epochs":1,"learning_rate":1,"teacher":"start"},
      {"name":"c","epochs":1,"learning_rate":1,"teacher":"full"})"));

  EXPECT_THAT(Schedule::Create(Kws(), recipe, kStepsPerEpoch),
              StatusIs(absl::StatusCode::kInvalidArgument, "phase 'c' learns from phase 'full'"));
}

TEST(ScheduleTest, EveryRecipeOfTheCatalogueFitsItsSpace) {
  for (const char* name : {"cifar32", "kws", "mcunet", "ofa_mbv3"}) {
    SCOPED_TRACE(name);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, LoadRecipe(name, ""));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace(recipe.space));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create(space, recipe, 100));
    EXPECT_EQ(schedule.choices(schedule.phases() - 1).Smallest(), arch::MinSubnet(space));
    EXPECT_EQ(schedule.choices(0).Smallest(), [&] {
      arch::Subnet largest = arch::MaxSubnet(space);
      largest.genes[space.layout().resolution] = 0;
      return largest;
    }());
  }
}

TEST(ScheduleTest, ReferenceHyperParametersHold) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Recipe recipe, LoadRecipe("ofa_mbv3", ""));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w10"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create(space, recipe, 100));

  const double kPeaks[] = {2.6, 0.96, 0.08, 0.24, 0.08, 0.24};
  const double kWarmups[] = {0, 500, 0, 500, 0, 500};
  const int kSubnets[] = {1, 1, 2, 2, 4, 4};
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(schedule.LearningRateAt(schedule.begin(i) + kWarmups[i]), kPeaks[i], 1e-9) << i;
    EXPECT_EQ(schedule.phase(i).subnets, kSubnets[i]);
    EXPECT_EQ(schedule.TakesTeacher(i), i > 0 && i == 1);
    EXPECT_EQ(schedule.UsesKeptTeacher(i), i > 0);
  }
  EXPECT_EQ(schedule.phase(4).sort_channels, 0);
  EXPECT_EQ(schedule.phase(5).sort_channels, 1);
}

}  // namespace
}  // namespace niwaki::train
