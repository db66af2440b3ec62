#include "services/worker/fake_scorer.h"

#include <signal.h>

#include <cmath>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::worker {
namespace {

TEST(FakeScorerTest, ScoreDependsOnTheTextAlone) {
  EXPECT_EQ(FakeScore("net", 500).SerializeAsString(), FakeScore("net", 500).SerializeAsString());
  std::set<double> seen;
  for (int i = 0; i < 100; ++i) {
    const v1::Score score = FakeScore(absl::StrCat("net ", i), 10000);
    EXPECT_GE(score.top1(), 0);
    EXPECT_LE(score.top1(), score.top5());
    EXPECT_LE(score.top5(), 1);
    EXPECT_EQ(score.images(), 10000);
    seen.insert(score.top1());
  }
  EXPECT_GT(seen.size(), 90u);
}

TEST(FakeScorerTest, SplitsHaveScoresOfTheirOwn) {
  ScoreContext context;
  context.evaluation.set_split(v1::SPLIT_TEST);
  FakeScorer scorer;
  NIWAKI_ASSERT_OK(scorer.Prepare(context));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score test, scorer.Score("net"));

  EXPECT_EQ(test.top1(), FakeScore("net", 1000, v1::SPLIT_TEST).top1());
  EXPECT_NE(test.top1(), FakeScore("net", 1000).top1());
}

TEST(FakeScorerTest, ProofsAreTheSameInEveryProcess) {
  ScoreContext context;
  context.evaluation.set_evaluation_images(200);
  FakeScorer scorer;
  NIWAKI_ASSERT_OK(scorer.Prepare(context));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork proof, scorer.Prove("net"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ProvenNetwork expected, FakeProof("net", 200));
  EXPECT_EQ(proof.file, expected.file);
  EXPECT_EQ(proof.quantise_key, expected.quantise_key);
  EXPECT_EQ(proof.score.top1(), FakeScore("net", 200).top1());
  EXPECT_EQ(proof.test_score->images(), 1000);
  EXPECT_NE(scorer.Prove("other")->quantise_key, proof.quantise_key);
}

TEST(FakeScorerTest, FaultsComeAsTold) {
  FakeScorerOptions options;
  options.fail_every = 2;
  options.nan_every = 3;
  FakeScorer scorer(options);
  NIWAKI_ASSERT_OK(scorer.Prepare(ScoreContext()));

  EXPECT_THAT(scorer.Score("a"), IsOk());
  EXPECT_THAT(scorer.Score("a"), StatusIs(absl::StatusCode::kInternal, "made to fail"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Score third, scorer.Score("a"));
  EXPECT_TRUE(std::isnan(third.loss()));
}

TEST(FakeScorerDeathTest, DiesInsteadOfTheChosenScore) {
  FakeScorerOptions options;
  options.die_at = 2;
  FakeScorer scorer(options);
  NIWAKI_ASSERT_OK(scorer.Prepare(ScoreContext()));
  EXPECT_THAT(scorer.Score("a"), IsOk());

  EXPECT_EXIT(scorer.Score("b").status().IgnoreError(), ::testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace niwaki::worker
