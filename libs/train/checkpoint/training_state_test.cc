#include "libs/train/checkpoint/training_state.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"
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

// Json with one value of a valid state replaced.
std::string With(const std::string& key, const std::string& value) {
  Json json = Json::parse(TrainingState().ToJson());
  json[key] = Json::parse(value);
  return json.dump();
}

TEST(TrainingStateTest, NumbersThatDoNotFitAreCorrupt) {
  struct Case {
    const char* key;
    const char* value;
  };
  for (const Case& bad :
       {Case{"seed", "-1"}, Case{"step", "-1"}, Case{"step", "9223372036854775808"},
        Case{"total_steps", "1.5"}, Case{"phase", "4294967296"}, Case{"phase", "-2147483649"},
        Case{"good_steps", "2147483648"}, Case{"elapsed_seconds", "\"2\""},
        Case{"has_teacher", "1"}, Case{"precision", "32"}, Case{"loss_scale", "null"}}) {
    EXPECT_THAT(TrainingState::FromJson(With(bad.key, bad.value)),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << bad.key << " " << bad.value;
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingState large,
                              TrainingState::FromJson(With("seed", "18446744073709551615")));
  EXPECT_EQ(large.seed, ~uint64_t{0});
}

TEST(TrainingStateTest, ProgressIsOfStepsOrOfTime) {
  TrainingState by_steps;
  by_steps.step = 3;
  by_steps.total_steps = 4;
  by_steps.elapsed_seconds = 100;
  TrainingState by_time;
  by_time.step = 1000;
  by_time.budget_seconds = 60;
  by_time.elapsed_seconds = 15;
  TrainingState late = by_time;
  late.elapsed_seconds = 61;

  EXPECT_EQ(by_steps.progress(), 0.75);
  EXPECT_EQ(by_time.progress(), 0.25);
  EXPECT_EQ(late.progress(), 1);
}

}  // namespace
}  // namespace niwaki::train
