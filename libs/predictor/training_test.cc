#include "libs/predictor/training.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::predictor {
namespace {

constexpr double kNoise = 0.004;

arch::SearchSpace Space() { return *arch::CatalogueSpace("kws"); }

// More arithmetic, counted in `unit`, is more accurate, with diminishing returns and noise.
ScoreTable MakeScores(const arch::SearchSpace& space, int rows, uint64_t seed, double unit = 1e6) {
  Random random(seed);
  ScoreTable table;
  for (int i = 0; i < rows; ++i) {
    table.subnets.push_back(arch::SampleSubnet(space, random));
    const double macs = arch::CountMacs(arch::BuildGraph(space, table.subnets.back()));
    table.top1.push_back(0.95 - 0.3 * std::pow(macs / unit, -0.5) + kNoise * random.Normal());
  }
  return table;
}

TEST(TrainingTest, LearnsUpToTheNoise) {
  const arch::SearchSpace space = Space();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainedPredictor trained,
                              TrainPredictor(space, MakeScores(space, 400, 1), {}));

  EXPECT_EQ(trained.held_out.parts, 5);
  EXPECT_EQ(trained.held_out.networks, 400);
  EXPECT_LT(trained.held_out.rmse, 1.3 * kNoise);
  EXPECT_GT(trained.held_out.kendall, 0.85);
  EXPECT_GT(trained.held_out.spearman, trained.held_out.kendall);
  EXPECT_NEAR(trained.noise, kNoise, 0.25 * kNoise);
  EXPECT_EQ(trained.sessions, 1);
}

// Widths chosen one by one and the stem's residual convolution count.
TEST(TrainingTest, LearnsResNets) {
  const arch::SearchSpace space = *arch::CatalogueSpace("ofa_resnet50");
  const ScoreTable clean = MakeScores(space, 200, 7, 1e8);
  const arch::GeneLayout& layout = space.layout();
  std::vector<int> genes = layout.widths;
  genes.push_back(layout.stem_residual);

  const auto predictor = FitStructured(space, MakeScores(space, 150, 6, 1e8));

  std::vector<int> all(clean.rows());
  for (int i = 0; i < clean.rows(); ++i) all[i] = i;
  EXPECT_GT(Evaluate(*predictor, clean, all).kendall, 0.8);
  for (const int gene : genes) {
    arch::Subnet wider = arch::MinSubnet(space);
    wider.genes[gene] = space.gene_sizes()[gene] - 1;
    const std::vector<arch::Subnet> both = {arch::MinSubnet(space), wider};
    std::vector<double> top1(2);
    predictor->Predict(both, absl::MakeSpan(top1));
    EXPECT_NE(top1[0], top1[1]) << gene;
  }
}

TEST(TrainingTest, OffsetsOfSessionsAreNotLearned) {
  const arch::SearchSpace space = Space();
  ScoreTable table = MakeScores(space, 400, 2);
  const ScoreTable clean = MakeScores(space, 400, 3);
  for (int i = 150; i < table.rows(); ++i) table.top1[i] -= 10 * kNoise;
  std::vector<int> all(clean.rows());
  for (int i = 0; i < clean.rows(); ++i) all[i] = i;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainedPredictor trained, TrainPredictor(space, table, {}));

  EXPECT_EQ(trained.sessions, 2);
  EXPECT_NEAR(trained.noise, kNoise, 0.25 * kNoise);
  EXPECT_GT(Evaluate(*trained.predictor, clean, all).kendall, 0.85);
}

TEST(TrainingTest, EqualArgumentsGiveEqualPredictors) {
  const arch::SearchSpace space = Space();
  const ScoreTable table = MakeScores(space, 60, 4);

  EXPECT_EQ(FitStructured(space, table)->weights(), FitStructured(space, table)->weights());
}

TEST(TrainingTest, ProgressIsReported) {
  const arch::SearchSpace space = Space();
  std::vector<int> reported;
  TrainingOptions options;
  options.progress = [&](int done, int total) {
    EXPECT_EQ(total, 6);
    reported.push_back(done);
  };

  EXPECT_THAT(TrainPredictor(space, MakeScores(space, 40, 5), options), IsOk());

  EXPECT_THAT(reported, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(TrainingTest, FewOrEqualScoresAreRefused) {
  const arch::SearchSpace space = Space();
  ScoreTable few = MakeScores(space, kLeastScores - 1, 6);
  ScoreTable constant = MakeScores(space, 50, 7);
  for (double& top1 : constant.top1) top1 = 0.5;
  ScoreTable not_a_number = MakeScores(space, 50, 8);
  not_a_number.top1[3] = std::nan("");
  ScoreTable percent = MakeScores(space, 50, 9);
  percent.top1[4] = 76.5;

  const auto expect = [&](const ScoreTable& table, const std::string& message) {
    EXPECT_THAT(TrainPredictor(space, table, {}),
                StatusIs(absl::StatusCode::kInvalidArgument, message));
  };
  expect(few, "scores is 19 networks, it must be at least 20");
  expect(constant, "top1 is 0.5 for all 50 networks");
  expect(not_a_number, "top1[3] is nan, it must be a number from 0 to 1");
  expect(percent, "top1[4] is 76.5, it must be a number from 0 to 1");
}

}  // namespace
}  // namespace niwaki::predictor
