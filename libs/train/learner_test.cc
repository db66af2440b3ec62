#include "libs/train/learner.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/tiny_training.h"
#include "libs/train/train_options.h"
#include "libs/train/training_start.h"

namespace niwaki::train {
namespace {

// The learner of a training that was interrupted in `state`.
absl::StatusOr<std::unique_ptr<Learner>> Learn(const data::PreparedData& data,
                                               const std::string& name, TrainingState state) {
  SingleProcess single;
  TrainOptions options = TinyOptions(name);
  Interrupt(options, data, std::move(state));
  options.resume = true;
  auto start = BeginTraining(TinySpace(), data, options, single);
  if (!start.ok()) return start.status();
  static SingleProcess exchange;
  LearnerOptions learner;
  learner.exchange = &exchange;
  return Learner::Create(&data, *std::move(start), learner);
}

TEST(LearnerTest, StatesThatNoTrainingLeavesAreDataLoss) {
  const auto data = TinyData();
  TrainingState with_teacher = AtStep(7, 1);
  with_teacher.has_teacher = true;

  // Of 40 steps the first four are of the first phase; no phase keeps a teacher.
  EXPECT_THAT(Learn(*data, "good", AtStep(7, 1)), IsOk());
  EXPECT_THAT(Learn(*data, "early", AtStep(3, 1)),
              StatusIs(absl::StatusCode::kDataLoss, "training state: phase is 1, not -1 to 0"));
  EXPECT_THAT(Learn(*data, "phase", AtStep(7, 99)),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(Learn(*data, "negative", AtStep(7, -2)),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(Learn(*data, "no_teacher", with_teacher),
              StatusIs(absl::StatusCode::kDataLoss, "has_teacher"));
}

TEST(LearnerTest, StepsAdvanceStateAndManifest) {
  const auto data = TinyData();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto learner, Learn(*data, "advance", AtStep(38, 1)));

  EXPECT_EQ(learner->manifest().step, 38);
  NIWAKI_ASSERT_OK(learner->Step().status());
  NIWAKI_ASSERT_OK(learner->Step().status());

  EXPECT_EQ(learner->manifest().step, 40);
  EXPECT_EQ(learner->progress(), 1);
  EXPECT_TRUE(learner->AtPhaseEnd());
  EXPECT_EQ(learner->initial_manifest().step, 0);
}

}  // namespace
}  // namespace niwaki::train
