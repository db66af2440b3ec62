#include "libs/jobs/score.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::jobs {
namespace {

Score Good() { return {0.5, 0.8, 1.2, 1000, 3.0}; }

TEST(ScoreTest, ValidScorePasses) { NIWAKI_EXPECT_OK(ValidateScore(Good())); }

TEST(ScoreTest, NotFiniteNamesTheField) {
  const double bad[] = {std::nan(""), std::numeric_limits<double>::infinity(),
                        -std::numeric_limits<double>::infinity()};
  for (const double value : bad) {
    Score score = Good();
    score.loss = value;
    EXPECT_THAT(ValidateScore(score),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kScoreNotFinite));
    score = Good();
    score.top1 = value;
    EXPECT_EQ(GetErrorDetail(ValidateScore(score))->field, "top1");
  }
}

TEST(ScoreTest, OutOfRangeIsInvalid) {
  Score score = Good();
  score.top1 = 1.01;
  EXPECT_THAT(ValidateScore(score),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  score = Good();
  score.top5 = -0.1;
  EXPECT_FALSE(ValidateScore(score).ok());
  score = Good();
  score.images = 0;
  EXPECT_FALSE(ValidateScore(score).ok());
  score = Good();
  score.seconds = -1;
  EXPECT_FALSE(ValidateScore(score).ok());
}

TEST(ScoreTest, CpuScoresMustAgreeBitForBit) {
  const ScoreTolerance tolerance = ToleranceOf("cpu-f32");
  Score other = Good();
  EXPECT_TRUE(SameScore(Good(), other, tolerance));
  other.loss = std::nextafter(other.loss, 2);
  EXPECT_FALSE(SameScore(Good(), other, tolerance));
}

TEST(ScoreTest, SecondsAreNoPartOfTheScore) {
  Score other = Good();
  other.seconds = 99;
  EXPECT_TRUE(SameScore(Good(), other, ToleranceOf("cpu-f32")));
}

TEST(ScoreTest, OtherDevicesMayDifferInTheLastImage) {
  Score other = Good();
  other.top1 += 0.001;
  EXPECT_TRUE(SameScore(Good(), other, ToleranceOf("cuda-bf16")));
  other.top1 += 0.01;
  EXPECT_FALSE(SameScore(Good(), other, ToleranceOf("cuda-bf16")));
}

TEST(ScoreTest, ScoringIdDependsOnEveryPart) {
  const Evaluation evaluation{"d", 1, 2, "cpu-f32"};
  const ScoringId id = ScoringIdOf("s", evaluation);

  EXPECT_EQ(ScoringIdOf("s", evaluation), id);
  EXPECT_NE(ScoringIdOf("t", evaluation), id);
  EXPECT_NE(ScoringIdOf("s", {"e", 1, 2, "cpu-f32"}), id);
  EXPECT_NE(ScoringIdOf("s", {"d", 2, 2, "cpu-f32"}), id);
  EXPECT_NE(ScoringIdOf("s", {"d", 1, 3, "cpu-f32"}), id);
  EXPECT_NE(ScoringIdOf("s", {"d", 1, 2, "cuda-bf16"}), id);
  Evaluation mapped = evaluation;
  mapped.labels_by_name = true;
  EXPECT_NE(ScoringIdOf("s", mapped), id);
}

}  // namespace
}  // namespace niwaki::jobs
