#include "libs/train/evaluation_cadence.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;

// The evaluations of a training of `steps` steps, by the step after which they are.
std::vector<int> EvaluationsOf(int steps, int evaluations) {
  std::vector<int> at;
  double next = NextEvaluationAfter(0, evaluations);
  for (int step = 1; step <= steps; ++step) {
    const double progress = static_cast<double>(step) / steps;
    if (progress < next) continue;
    at.push_back(step);
    next = NextEvaluationAfter(progress, evaluations);
  }
  return at;
}

TEST(EvaluationCadenceTest, EvaluationsAreEvenlySpacedAndNotAtTheEnd) {
  EXPECT_THAT(EvaluationsOf(/*steps=*/100, /*evaluations=*/4), ElementsAre(25, 50, 75));
  EXPECT_THAT(EvaluationsOf(30, 3), ElementsAre(10, 20));
  EXPECT_THAT(EvaluationsOf(10, 1), ElementsAre());
  EXPECT_THAT(EvaluationsOf(10, 0), ElementsAre());
}

TEST(EvaluationCadenceTest, LongStepsSkipWhatTheyPass) {
  EXPECT_THAT(EvaluationsOf(/*steps=*/3, /*evaluations=*/10), ElementsAre(1, 2, 3));
}

// 0.1 * 3 is a little less than 0.3: that evaluation is done, not due again.
TEST(EvaluationCadenceTest, RoundingDoesNotRepeatAnEvaluation) {
  EXPECT_DOUBLE_EQ(NextEvaluationAfter(0.3 - 1e-12, 10), 0.4);
  EXPECT_DOUBLE_EQ(NextEvaluationAfter(0.3, 10), 0.4);
  EXPECT_DOUBLE_EQ(NextEvaluationAfter(0.29, 10), 0.3);
}

TEST(EvaluationCadenceTest, AfterTheLastThereIsNone) {
  EXPECT_EQ(NextEvaluationAfter(0.75, 4), kNeverEvaluate);
  EXPECT_EQ(NextEvaluationAfter(1, 4), kNeverEvaluate);
  EXPECT_EQ(NextEvaluationAfter(0, 0), kNeverEvaluate);
}

}  // namespace
}  // namespace niwaki::train
