// How trainings begin, go on, and are refused; on one rank and on two.

#include "libs/train/training_start.h"

#include <ATen/ATen.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/weights.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/ranks/rank_threads.h"
#include "libs/train/tiny_training.h"
#include "libs/train/train_options.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TrainingStartTest, NewTrainingsBeginAsTheirOptionsSay) {
  const auto data = TinyData();
  SingleProcess single;
  TrainOptions options = TinyOptions("new");
  options.minutes = 3;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(TinySpace(), *data, options, single));

  EXPECT_EQ(start.state.seed, 21u);
  EXPECT_EQ(start.state.budget_seconds, 180);
  EXPECT_EQ(start.state.step, 0);
  EXPECT_EQ(start.state.phase, -1);
  EXPECT_EQ(start.state.loss_scale, 1);
  EXPECT_EQ(start.manifest.data_digest, data->digest());
  EXPECT_EQ(start.manifest.space_structure, TinySpace().structure().ToHex());
  EXPECT_EQ(start.manifest.recipe.batch_size, 20);
  EXPECT_EQ(start.manifest.seed, 21u);
  EXPECT_EQ(start.file, nullptr);
  EXPECT_THAT(start.momentum, IsEmpty());
  const auto expected = supernet::SharedWeights::Random(TinySpace(), 21);
  EXPECT_TRUE(at::equal(start.supernet->weights().layer({WeightRole::kStem}).weight,
                        expected.layer({WeightRole::kStem}).weight));
}

TEST(TrainingStartTest, ResumedTrainingsGoOnAsTheyWere) {
  const auto data = TinyData();
  SingleProcess single;
  TrainOptions options = TinyOptions("resumed");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;
  options.seed = 99;
  options.recipe.batch_size = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(TinySpace(), *data, options, single));

  EXPECT_EQ(start.state.seed, 77u);
  EXPECT_EQ(start.state.step, 7);
  EXPECT_EQ(start.state.phase, 1);
  EXPECT_EQ(start.manifest.recipe.batch_size, 20);
  EXPECT_THAT(start.momentum, ElementsAre("stem.weight"));
  const auto expected = supernet::SharedWeights::Random(TinySpace(), 5);
  EXPECT_TRUE(at::equal(start.supernet->weights().layer({WeightRole::kStem}).weight,
                        expected.layer({WeightRole::kStem}).weight));
}

TEST(TrainingStartTest, OtherDataAndSpacesAreRefused) {
  const auto data = TinyData();
  const auto other = TinyData(/*seed=*/2);
  SingleProcess single;
  TrainOptions options = TinyOptions("refused");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;

  EXPECT_THAT(BeginTraining(TinySpace(), *other, options, single),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(BeginTraining(TinySpace(/*width=*/16), *data, options, single),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

TEST(TrainingStartTest, OtherClassesAreNamed) {
  const auto data = TinyData();
  data::Metadata renamed = data->metadata();
  renamed.class_names.back() = "dog";
  const std::string path = ::testing::TempDir() + "/renamed.nwd";
  NIWAKI_ASSERT_OK(
      data::WritePrepared(path, renamed,
                          {data->view(data::Split::kTrain), data->view(data::Split::kCalibration),
                           data->view(data::Split::kValidation), data->view(data::Split::kTest)}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto other, data::PreparedData::Open(path));
  SingleProcess single;
  TrainOptions options = TinyOptions("renamed");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;

  const auto start = BeginTraining(TinySpace(), *other, options, single);

  EXPECT_THAT(start, HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(start, StatusIs(absl::StatusCode::kFailedPrecondition,
                              "'dog' is none of the supernet's, the supernet's 'class2'"));
}

TEST(TrainingStartTest, ASupernetIsNoInterruptedTraining) {
  const auto data = TinyData();
  SingleProcess single;
  TrainOptions options = TinyOptions("plain");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(TinySpace(), *data, options, single));
  NIWAKI_ASSERT_OK(SaveSupernet(CheckpointPath(options.output), *start.supernet, start.manifest));
  options.resume = true;

  EXPECT_THAT(BeginTraining(TinySpace(), *data, options, single),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

// The second rank has other options and no checkpoint.
TEST(TrainingStartTest, RankZeroDecidesForAll) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("ranks");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;

  RunRanks(2, [&](GradientExchange& exchange) {
    TrainOptions own = options;
    if (exchange.rank() == 1) own = TinyOptions("elsewhere");
    const auto start = BeginTraining(TinySpace(), *data, own, exchange);
    NIWAKI_ASSERT_OK(start.status());
    EXPECT_EQ(start->state.step, 7);
    EXPECT_EQ(start->state.seed, 77u);
    EXPECT_THAT(start->momentum, ElementsAre("stem.weight"));
    EXPECT_EQ(start->file != nullptr, exchange.rank() == 0);
  });
}

}  // namespace
}  // namespace niwaki::train
