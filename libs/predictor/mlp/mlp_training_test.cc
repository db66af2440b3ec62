#include "libs/predictor/mlp/mlp_training.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/predictor/training.h"

namespace niwaki::predictor {
namespace {

constexpr uint64_t kSeed = 3;

struct Fixture {
  arch::SearchSpace space = *arch::CatalogueSpace("kws");
  Encoder encoder = *Encoder::Create(Encoding::kOneHot, space);
  ScoreTable table;

  // More arithmetic is more accurate, with diminishing returns.
  explicit Fixture(int rows) {
    Random random(kSeed);
    for (int i = 0; i < rows; ++i) {
      table.subnets.push_back(arch::SampleSubnet(space, random));
      const double macs = arch::CountMacs(arch::BuildGraph(space, table.subnets.back()));
      table.top1.push_back(0.95 - 0.3 * std::pow(macs / 1e6, -0.5));
    }
  }
};

MlpTrainingOptions Small() {
  MlpTrainingOptions options;
  options.hidden_layers = 2;
  options.width = 48;
  options.steps = 400;
  options.batch_size = 32;
  return options;
}

TEST(MlpTrainingTest, LearnsWhatItHasSeenAndWhatItHasNot) {
  const Fixture fixture(300);
  std::vector<int> all(fixture.table.rows());
  for (int i = 0; i < fixture.table.rows(); ++i) all[i] = i;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainedMlp trained,
                              TrainMlp(fixture.encoder, fixture.table, Small()));

  EXPECT_EQ(trained.held_out.parts, 5);
  EXPECT_EQ(trained.held_out.networks, 300);
  EXPECT_GT(trained.held_out.kendall, 0.8);
  EXPECT_GT(Evaluate(*trained.predictor, fixture.table, all).kendall, trained.held_out.kendall);
  EXPECT_EQ(trained.predictor->mlp().layers().size(), 3);
}

// The gradient descends: more steps fit better what was seen.
TEST(MlpTrainingTest, MoreStepsFitBetter) {
  const Fixture fixture(60);
  std::vector<int> all(fixture.table.rows());
  for (int i = 0; i < fixture.table.rows(); ++i) all[i] = i;
  MlpTrainingOptions few = Small();
  few.steps = 20;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto little, FitMlp(fixture.encoder, fixture.table, few));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto much, FitMlp(fixture.encoder, fixture.table, Small()));

  EXPECT_LT(Evaluate(*much, fixture.table, all).rmse,
            0.3 * Evaluate(*little, fixture.table, all).rmse);
}

TEST(MlpTrainingTest, EqualSeedsGiveEqualPredictors) {
  const Fixture fixture(40);
  MlpTrainingOptions other = Small();
  other.seed = 2;

  const auto weights = [&](const MlpTrainingOptions& options) {
    return (*FitMlp(fixture.encoder, fixture.table, options))->mlp().layers()[1].weights;
  };

  EXPECT_EQ(weights(Small()), weights(Small()));
  EXPECT_NE(weights(Small()), weights(other));
}

TEST(MlpTrainingTest, RefusesWhatCannotBeTrained) {
  const Fixture fixture(40);
  MlpTrainingOptions none = Small();
  none.steps = -1;

  EXPECT_THAT(TrainMlp(fixture.encoder, fixture.table, none),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(TrainMlp(fixture.encoder, Fixture(5).table, Small()),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

}  // namespace
}  // namespace niwaki::predictor
