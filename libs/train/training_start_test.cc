// How trainings begin, go on, and are refused; on one rank and on two.

#include "libs/train/training_start.h"

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/supernet.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/learner.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/ranks/rank_threads.h"
#include "libs/train/step/sgd.h"
#include "libs/train/train_options.h"
#include "libs/train/training_checkpoint.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

arch::SearchSpace Space(int width = 8) {
  return *arch::SearchSpace::FromTextproto(absl::StrCat(
      R"(name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 } stem { width: 8 }
         stages { depths: 1 kernel_sizes: 3 expand_ratios: [1, 2] width: )",
      width, " } head {}"));
}

std::unique_ptr<data::PreparedData> Data(uint64_t seed = 1) {
  data::SyntheticOptions options;
  options.classes = 3;
  options.channels = 1;
  options.height = 8;
  options.width = 8;
  options.sizes = {40, 4, 4, 4};
  options.seed = seed;
  options.out = absl::StrCat(::testing::TempDir(), "/start", seed, ".nwd");
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  auto data = data::PreparedData::Open(options.out);
  EXPECT_THAT(data.status(), IsOk());
  return std::move(data).value();
}

TrainOptions Options(const std::string& name) {
  TrainOptions options;
  options.output = absl::StrCat(::testing::TempDir(), "/", name);
  options.seed = 21;
  options.recipe.batch_size = 20;
  options.recipe.shard_size = 10;
  return options;
}

// What an interrupted training of these options left: weights of seed 5, momentum of the stem.
TrainingState Interrupt(const TrainOptions& options, const data::PreparedData& data,
                        TrainingState state) {
  SingleProcess single;
  auto start = BeginTraining(Space(), data, options, single);
  EXPECT_THAT(start.status(), IsOk());
  auto weights = supernet::SharedWeights::Random(Space(), 5);
  Sgd sgd(&weights, {});
  at::Tensor& stem = weights.layer({WeightRole::kStem}).weight;
  stem.mutable_grad() = at::ones_like(stem);
  sgd.Step(/*learning_rate=*/0);
  TrainingParts parts;
  parts.weights = &weights;
  parts.sgd = &sgd;
  if (state.has_teacher) parts.teacher = &start->supernet->weights();
  parts.manifest = &start->manifest;
  parts.state = &state;
  EXPECT_THAT(SaveTraining(CheckpointPath(options.output), parts), IsOk());
  return state;
}

TrainingState AtStep(int64_t step, int phase) {
  TrainingState state;
  state.seed = 77;
  state.step = step;
  state.total_steps = 40;
  state.phase = phase;
  return state;
}

TEST(TrainingStartTest, NewTrainingsBeginAsTheirOptionsSay) {
  const auto data = Data();
  SingleProcess single;
  TrainOptions options = Options("new");
  options.minutes = 3;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(Space(), *data, options, single));

  EXPECT_EQ(start.state.seed, 21u);
  EXPECT_EQ(start.state.budget_seconds, 180);
  EXPECT_EQ(start.state.step, 0);
  EXPECT_EQ(start.state.phase, -1);
  EXPECT_EQ(start.state.loss_scale, 1);
  EXPECT_EQ(start.manifest.data_digest, data->digest());
  EXPECT_EQ(start.manifest.space_structure, Space().structure().ToHex());
  EXPECT_EQ(start.manifest.recipe.batch_size, 20);
  EXPECT_EQ(start.manifest.seed, 21u);
  EXPECT_EQ(start.file, nullptr);
  EXPECT_THAT(start.momentum, IsEmpty());
  const auto expected = supernet::SharedWeights::Random(Space(), 21);
  EXPECT_TRUE(at::equal(start.supernet->weights().layer({WeightRole::kStem}).weight,
                        expected.layer({WeightRole::kStem}).weight));
}

TEST(TrainingStartTest, ResumedTrainingsGoOnAsTheyWere) {
  const auto data = Data();
  SingleProcess single;
  TrainOptions options = Options("resumed");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;
  options.seed = 99;
  options.recipe.batch_size = 4;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(Space(), *data, options, single));

  EXPECT_EQ(start.state.seed, 77u);
  EXPECT_EQ(start.state.step, 7);
  EXPECT_EQ(start.state.phase, 1);
  EXPECT_EQ(start.manifest.recipe.batch_size, 20);
  EXPECT_THAT(start.momentum, ElementsAre("stem.weight"));
  const auto expected = supernet::SharedWeights::Random(Space(), 5);
  EXPECT_TRUE(at::equal(start.supernet->weights().layer({WeightRole::kStem}).weight,
                        expected.layer({WeightRole::kStem}).weight));
}

TEST(TrainingStartTest, OtherDataAndSpacesAreRefused) {
  const auto data = Data();
  const auto other = Data(/*seed=*/2);
  SingleProcess single;
  TrainOptions options = Options("refused");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;

  EXPECT_THAT(BeginTraining(Space(), *other, options, single),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(BeginTraining(Space(/*width=*/16), *data, options, single),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
}

TEST(TrainingStartTest, ASupernetIsNoInterruptedTraining) {
  const auto data = Data();
  SingleProcess single;
  TrainOptions options = Options("plain");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingStart start,
                              BeginTraining(Space(), *data, options, single));
  NIWAKI_ASSERT_OK(SaveSupernet(CheckpointPath(options.output), *start.supernet, start.manifest));
  options.resume = true;

  EXPECT_THAT(BeginTraining(Space(), *data, options, single),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

// The second rank has other options and no checkpoint.
TEST(TrainingStartTest, RankZeroDecidesForAll) {
  const auto data = Data();
  TrainOptions options = Options("ranks");
  Interrupt(options, *data, AtStep(7, 1));
  options.resume = true;

  RunRanks(2, [&](GradientExchange& exchange) {
    TrainOptions own = options;
    if (exchange.rank() == 1) own = Options("elsewhere");
    const auto start = BeginTraining(Space(), *data, own, exchange);
    NIWAKI_ASSERT_OK(start.status());
    EXPECT_EQ(start->state.step, 7);
    EXPECT_EQ(start->state.seed, 77u);
    EXPECT_THAT(start->momentum, ElementsAre("stem.weight"));
    EXPECT_EQ(start->file != nullptr, exchange.rank() == 0);
  });
}

TEST(TrainingCheckpointTest, TeachersAreReadBack) {
  const auto data = Data();
  TrainOptions options = Options("teacher");
  TrainingState state = AtStep(7, 1);
  state.has_teacher = true;
  Interrupt(options, *data, state);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              tensorfile::SafetensorsFile::Open(CheckpointPath(options.output)));
  auto teacher = supernet::SharedWeights::Random(Space(), 1);

  NIWAKI_ASSERT_OK(LoadTeacher(file->tensors(), teacher));

  const auto expected = supernet::SharedWeights::Random(Space(), options.seed);
  EXPECT_TRUE(at::equal(teacher.layer({WeightRole::kClassifier}).weight,
                        expected.layer({WeightRole::kClassifier}).weight));
  auto wider = supernet::SharedWeights::Random(Space(/*width=*/16), 1);
  EXPECT_THAT(LoadTeacher(file->tensors(), wider),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

// The learner of a training that was interrupted in `state`.
absl::StatusOr<std::unique_ptr<Learner>> Learn(const data::PreparedData& data,
                                               const std::string& name, TrainingState state) {
  SingleProcess single;
  TrainOptions options = Options(name);
  Interrupt(options, data, std::move(state));
  options.resume = true;
  auto start = BeginTraining(Space(), data, options, single);
  if (!start.ok()) return start.status();
  static SingleProcess exchange;
  LearnerOptions learner;
  learner.exchange = &exchange;
  return Learner::Create(&data, *std::move(start), learner);
}

TEST(LearnerTest, StatesThatNoTrainingLeavesAreDataLoss) {
  const auto data = Data();
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
  const auto data = Data();
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
