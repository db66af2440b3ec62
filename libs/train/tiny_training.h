// A tiny training and what is left of it when it is interrupted, for tests.

#ifndef NIWAKI_LIBS_TRAIN_TINY_TRAINING_H_
#define NIWAKI_LIBS_TRAIN_TINY_TRAINING_H_

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/weights.h"
#include "libs/train/checkpoint/training_state.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/step/sgd.h"
#include "libs/train/train_options.h"
#include "libs/train/training_checkpoint.h"
#include "libs/train/training_start.h"

namespace niwaki::train {

inline arch::SearchSpace TinySpace(int width = 8) {
  return *arch::SearchSpace::FromTextproto(absl::StrCat(
      R"(name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 } stem { width: 8 }
         stages { depths: 1 kernel_sizes: 3 expand_ratios: [1, 2] width: )",
      width, " } head {}"));
}

// 40 training images: two steps an epoch.
inline std::unique_ptr<data::PreparedData> TinyData(uint64_t seed = 1) {
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

// 20 epochs in two phases; the first four steps are the first phase's.
inline TrainOptions TinyOptions(const std::string& name) {
  TrainOptions options;
  options.output = absl::StrCat(::testing::TempDir(), "/", name);
  options.seed = 21;
  options.recipe.batch_size = 20;
  options.recipe.shard_size = 10;
  return options;
}

// What an interrupted training of these options left: weights of seed 5, momentum of the stem.
inline TrainingState Interrupt(const TrainOptions& options, const data::PreparedData& data,
                               TrainingState state) {
  SingleProcess single;
  auto start = BeginTraining(TinySpace(), data, options, single);
  EXPECT_THAT(start.status(), IsOk());
  auto weights = supernet::SharedWeights::Random(TinySpace(), 5);
  Sgd sgd(&weights, {});
  at::Tensor& stem = weights.layer({arch::WeightRole::kStem}).weight;
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

inline TrainingState AtStep(int64_t step, int phase) {
  TrainingState state;
  state.seed = 77;
  state.step = step;
  state.total_steps = 40;
  state.phase = phase;
  return state;
}

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_TINY_TRAINING_H_
