#include "libs/train/checkpoint/training_state.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

TEST(TrainingStateTest, JsonRoundTrips) {
  TrainingState state;
  state.seed = 7;
  state.step = 30;
  state.total_steps = 40;
  state.phase = 2;
  state.has_teacher = true;
  state.precision = "f16";
  state.loss_scale = 4096;
  state.good_steps = 12;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingState read, TrainingState::FromJson(state.ToJson()));

  EXPECT_EQ(read.ToJson(), state.ToJson());
  EXPECT_EQ(read.phase, 2);
  EXPECT_EQ(read.progress(), 0.75);
}

TEST(TrainingStateTest, CheckpointsOfTwoPartTrainingsAreRead) {
  constexpr char kOld[] = R"({"seed":1,"step":9,"total_steps":18,"budget_seconds":0.0,
                              "elapsed_seconds":2.5,"channels_sorted":true})";

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingState state, TrainingState::FromJson(kOld));

  EXPECT_EQ(state.phase, 1);
  EXPECT_EQ(state.precision, "f32");
}

TEST(TrainingStateTest, MissingOrMistypedKeysAreNamed) {
  EXPECT_THAT(TrainingState::FromJson(""),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(TrainingState::FromJson(R"({"seed":1,"step":9,"total_steps":18,"budget_seconds":0.0,
                                          "elapsed_seconds":2.5,"phase":"one"})"),
              StatusIs(absl::StatusCode::kDataLoss, "phase is missing or of the wrong type"));
}

}  // namespace
}  // namespace niwaki::train
