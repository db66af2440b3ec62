#include "libs/train/step/train_batches.h"

#include <ATen/ATen.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/scoring/images.h"

namespace niwaki::train {
namespace {

using ::testing::Ne;

constexpr uint64_t kSeed = 8;
constexpr int64_t kExamples = 17;
constexpr int kBatch = 5;
constexpr int kSide = 12;

std::unique_ptr<data::PreparedData> Data(int64_t examples = kExamples) {
  data::SyntheticOptions options;
  options.classes = 3;
  options.channels = 1;
  options.height = kSide;
  options.width = kSide;
  options.sizes = {examples, 2, 2, 2};
  options.out = absl::StrCat(::testing::TempDir(), "/batches", examples, ".nwd");
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  auto data = data::PreparedData::Open(options.out);
  EXPECT_THAT(data.status(), IsOk());
  return std::move(data).value();
}

arch::Resolution Native() {
  arch::Resolution resolution;
  resolution.value = resolution.height = resolution.width = kSide;
  return resolution;
}

// Batches whose images say which examples they are.
struct Fixture {
  std::unique_ptr<data::PreparedData> data = Data();
  supernet::LabelledImages examples =
      *supernet::LoadFirstImages(*data, data::Split::kTrain, 0, Native());

  TrainBatches Batches(uint64_t seed = kSeed, Augmentation augment = Augmentation::kNone) const {
    return TrainBatches(data.get(), kBatch, augment, seed);
  }

  // Numbers of the examples of a batch, whose labels are theirs.
  std::vector<int64_t> ExamplesOf(const TrainBatch& batch) const {
    std::vector<int64_t> numbers;
    for (int64_t i = 0; i < batch.images.size(0); ++i) {
      int64_t number = -1;
      for (int64_t n = 0; n < examples.size(); ++n) {
        if (at::equal(batch.images[i], examples.images[n])) number = n;
      }
      EXPECT_THAT(number, Ne(-1)) << "image " << i;
      if (number >= 0) {
        EXPECT_EQ(batch.labels[i].item<int64_t>(), examples.labels[number]);
      }
      numbers.push_back(number);
    }
    return numbers;
  }
  std::vector<int64_t> ExamplesOf(TrainBatches& batches, int64_t step) const {
    auto batch = batches.Load(step, Native(), 0, batches.batch_size());
    EXPECT_THAT(batch.status(), IsOk());
    return ExamplesOf(*batch);
  }
};

TEST(TrainBatchesTest, AnEpochSeesNoExampleTwice) {
  const Fixture fixture;
  TrainBatches batches = fixture.Batches();
  ASSERT_EQ(batches.steps_per_epoch(), 3);

  for (const int64_t epoch : {0, 1}) {
    std::set<int64_t> seen;
    for (int64_t step = 3 * epoch; step < 3 * epoch + 3; ++step) {
      for (const int64_t example : fixture.ExamplesOf(batches, step)) seen.insert(example);
    }
    EXPECT_EQ(seen.size(), 15u) << "seed " << kSeed;
  }
}

TEST(TrainBatchesTest, EveryEpochAndSeedHasAnOrderOfItsOwn) {
  const Fixture fixture;
  TrainBatches batches = fixture.Batches();
  TrainBatches other = fixture.Batches(kSeed + 1);

  const std::vector<int64_t> first = fixture.ExamplesOf(batches, 0);

  EXPECT_NE(fixture.ExamplesOf(batches, 3), first);
  EXPECT_NE(fixture.ExamplesOf(other, 0), first);
}

TEST(TrainBatchesTest, StepsDoNotDependOnThoseBefore) {
  const Fixture fixture;
  TrainBatches forward = fixture.Batches();
  TrainBatches jumping = fixture.Batches();

  std::vector<std::vector<int64_t>> steps;
  for (int64_t step = 0; step < 7; ++step) steps.push_back(fixture.ExamplesOf(forward, step));

  for (const int64_t step : {6, 1, 4, 1}) {
    EXPECT_EQ(fixture.ExamplesOf(jumping, step), steps[step]) << "step " << step;
  }
}

TEST(TrainBatchesTest, PartsMakeUpTheBatch) {
  const Fixture fixture;
  for (const Augmentation augment : {Augmentation::kNone, Augmentation::kSmall}) {
    TrainBatches batches = fixture.Batches(kSeed, augment);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch whole, batches.Load(1, Native(), 0, kBatch));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch first, batches.Load(1, Native(), 0, 2));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch rest, batches.Load(1, Native(), 2, 3));

    EXPECT_TRUE(at::equal(at::cat({first.images, rest.images}), whole.images));
    EXPECT_TRUE(at::equal(at::cat({first.labels, rest.labels}), whole.labels));
  }
}

TEST(TrainBatchesTest, AugmentedImagesDifferFromEpochToEpochAndRepeat) {
  const Fixture fixture;
  TrainBatches plain = fixture.Batches();
  TrainBatches augmented = fixture.Batches(kSeed, Augmentation::kSmall);
  TrainBatches again = fixture.Batches(kSeed, Augmentation::kSmall);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch as_is, plain.Load(0, Native(), 0, kBatch));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch changed, augmented.Load(0, Native(), 0, kBatch));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch repeated, again.Load(0, Native(), 0, kBatch));

  EXPECT_FALSE(at::equal(changed.images, as_is.images));
  EXPECT_TRUE(at::equal(changed.images, repeated.images));
  // The same examples in the same order.
  EXPECT_TRUE(at::equal(changed.labels, as_is.labels));
}

TEST(TrainBatchesTest, ImagesHaveTheResolutionAskedFor) {
  const Fixture fixture;
  TrainBatches batches = fixture.Batches();
  arch::Resolution small = Native();
  small.height = 6;
  small.width = 8;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch batch, batches.Load(0, small, 0, kBatch));

  EXPECT_EQ(batch.images.sizes(), at::IntArrayRef({kBatch, 1, 6, 8}));
}

TEST(TrainBatchesTest, ABatchIsAtMostTheSplit) {
  const auto data = Data(/*examples=*/3);
  TrainBatches batches(data.get(), kBatch, Augmentation::kNone, kSeed);

  EXPECT_EQ(batches.batch_size(), 3);
  EXPECT_EQ(batches.steps_per_epoch(), 1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TrainBatch batch, batches.Load(5, Native(), 0, 3));
  EXPECT_EQ(batch.labels.size(0), 3);
}

}  // namespace
}  // namespace niwaki::train
