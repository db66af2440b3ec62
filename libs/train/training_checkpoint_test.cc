#include "libs/train/training_checkpoint.h"

#include <ATen/ATen.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/weights.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/tiny_training.h"
#include "libs/train/train_options.h"

namespace niwaki::train {
namespace {

using arch::WeightRole;

TEST(TrainingCheckpointTest, TeachersAreReadBack) {
  const auto data = TinyData();
  TrainOptions options = TinyOptions("teacher");
  TrainingState state = AtStep(7, 1);
  state.has_teacher = true;
  Interrupt(options, *data, state);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              tensorfile::SafetensorsFile::Open(CheckpointPath(options.output)));
  auto teacher = supernet::SharedWeights::Random(TinySpace(), 1);

  NIWAKI_ASSERT_OK(LoadTeacher(file->tensors(), teacher));

  const auto expected = supernet::SharedWeights::Random(TinySpace(), options.seed);
  EXPECT_TRUE(at::equal(teacher.layer({WeightRole::kClassifier}).weight,
                        expected.layer({WeightRole::kClassifier}).weight));
  auto wider = supernet::SharedWeights::Random(TinySpace(/*width=*/16), 1);
  EXPECT_THAT(LoadTeacher(file->tensors(), wider),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(TrainingCheckpointTest, EverythingThatGoesOnIsInTheFile) {
  const auto data = TinyData();
  const TrainOptions options = TinyOptions("parts");
  Interrupt(options, *data, AtStep(7, 1));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              tensorfile::SafetensorsFile::Open(CheckpointPath(options.output)));

  EXPECT_EQ(file->tensors().count("stem.weight"), 1u);
  EXPECT_EQ(file->tensors().count("optimizer.stem.weight"), 1u);
  // Nobody used it, and no teacher is kept.
  EXPECT_EQ(file->tensors().count("optimizer.classifier.weight"), 0u);
  EXPECT_EQ(file->tensors().count("optimizer.teacher.stem.weight"), 0u);
  EXPECT_EQ(file->metadata().count(kManifestKey), 1u);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainingState state,
                              TrainingState::FromJson(file->metadata().at(kTrainingKey)));
  EXPECT_EQ(state.step, 7);
}

}  // namespace
}  // namespace niwaki::train
