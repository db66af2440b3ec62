#include "libs/supernet/scoring/scorer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 7;

arch::SearchSpace Kws() { return *arch::CatalogueSpace("kws"); }

std::unique_ptr<data::PreparedData> MakeData(int classes) {
  data::SyntheticOptions options;
  options.classes = classes;
  options.channels = 1;
  options.height = 49;
  options.width = 40;
  options.sizes = {16, 40, 50, 16};
  options.out = ::testing::TempDir() + "/scorer_" + std::to_string(classes) + ".nwd";
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  auto data = data::PreparedData::Open(options.out);
  EXPECT_THAT(data.status(), IsOk());
  return std::move(data).value();
}

ScoreOptions SmallOptions() {
  ScoreOptions options;
  options.calibration_batch = 16;
  options.evaluation_batch = 16;
  return options;
}

struct Fixture {
  std::unique_ptr<Supernet> supernet = Supernet::Random(Kws(), kSeed);
  std::unique_ptr<data::PreparedData> data = MakeData(12);

  Score ScoreOf(const arch::Subnet& subnet, const ScoreOptions& options) {
    auto scorer = Scorer::Create(supernet.get(), data.get(), options);
    EXPECT_THAT(scorer.status(), IsOk());
    auto score = (*scorer)->ScoreSubnet(subnet);
    EXPECT_THAT(score.status(), IsOk());
    return *score;
  }
};

void ExpectSameBits(const Score& a, const Score& b) {
  EXPECT_EQ(a.top1, b.top1);
  EXPECT_EQ(a.top5, b.top5);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.images, b.images);
}

TEST(ScorerTest, ScoreIsPureFunctionOfItsKey) {
  Fixture fixture;
  Random random(kSeed);
  auto scorer = Scorer::Create(fixture.supernet.get(), fixture.data.get(), SmallOptions());
  ASSERT_THAT(scorer.status(), IsOk());
  ScoreOptions threaded = SmallOptions();
  threaded.threads = 3;

  for (int i = 0; i < 3; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(fixture.supernet->space(), random);
    auto after_others = (*scorer)->ScoreSubnet(subnet);
    ASSERT_THAT(after_others.status(), IsOk());

    ExpectSameBits(*after_others, fixture.ScoreOf(subnet, SmallOptions()));
    ExpectSameBits(*after_others, fixture.ScoreOf(subnet, threaded));
  }
}

TEST(ScorerTest, ScoringLeavesSharedWeightsAlone) {
  Fixture fixture;
  const SharedWeights before = fixture.supernet->weights().Clone();

  fixture.ScoreOf(arch::MaxSubnet(fixture.supernet->space()), SmallOptions());

  std::vector<at::Tensor> expected;
  before.ForEach([&](const std::string&, const at::Tensor& tensor) { expected.push_back(tensor); });
  size_t i = 0;
  const SharedWeights& weights = fixture.supernet->weights();
  weights.ForEach([&](const std::string& name, const at::Tensor& tensor) {
    EXPECT_TRUE(at::equal(tensor, expected[i++])) << name;
  });
  EXPECT_GT(i, 0u);
}

TEST(ScorerTest, CountsImagesAndRanks) {
  Fixture fixture;
  ScoreOptions options = SmallOptions();
  options.evaluation_images = 33;

  const Score score = fixture.ScoreOf(arch::MinSubnet(fixture.supernet->space()), options);

  EXPECT_EQ(score.images, 33);
  EXPECT_LE(score.top1, score.top5);
  EXPECT_EQ(score.top1 * 33, std::round(score.top1 * 33));
  EXPECT_GT(score.loss, 0);
}

TEST(ScorerTest, KeptStatisticsAreThoseOfTheWeights) {
  Fixture fixture;
  const arch::Subnet subnet = arch::MaxSubnet(fixture.supernet->space());
  ScoreOptions kept = SmallOptions();
  kept.keep_statistics = true;
  ScoreOptions fewer = kept;
  fewer.calibration_images = 16;

  const Score score = fixture.ScoreOf(subnet, kept);

  ExpectSameBits(score, fixture.ScoreOf(subnet, fewer));
  EXPECT_NE(score.loss, fixture.ScoreOf(subnet, SmallOptions()).loss);
  // They count: doubled variances give other logits.
  fixture.supernet->weights().ForEach([](const std::string& name, at::Tensor& tensor, TensorUse) {
    if (absl::EndsWith(name, "running_var")) tensor.mul_(2);
  });
  EXPECT_NE(score.loss, fixture.ScoreOf(subnet, kept).loss);
}

TEST(ScorerTest, DivergedWeightsAreAnError) {
  Fixture fixture;
  fixture.supernet->weights().ForEach([](const std::string& name, at::Tensor& tensor, TensorUse) {
    if (name == "classifier.bias") tensor.fill_(std::numeric_limits<float>::quiet_NaN());
  });
  auto scorer = Scorer::Create(fixture.supernet.get(), fixture.data.get(), SmallOptions());
  ASSERT_THAT(scorer.status(), IsOk());

  EXPECT_THAT((*scorer)->ScoreSubnet(arch::MinSubnet(fixture.supernet->space())),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite));
}

TEST(ScorerTest, RefusesWhatDoesNotFit) {
  Fixture fixture;
  const auto other_classes = MakeData(5);
  ScoreOptions no_batch = SmallOptions();
  no_batch.evaluation_batch = 0;
  ScoreOptions no_device = SmallOptions();
  no_device.device = "tpu";
  auto scorer = Scorer::Create(fixture.supernet.get(), fixture.data.get(), SmallOptions());
  ASSERT_THAT(scorer.status(), IsOk());

  EXPECT_THAT(Scorer::Create(fixture.supernet.get(), other_classes.get(), SmallOptions()),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(Scorer::Create(fixture.supernet.get(), fixture.data.get(), no_batch),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Scorer::Create(fixture.supernet.get(), fixture.data.get(), no_device),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT((*scorer)->ScoreSubnet(arch::Subnet{}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
}

}  // namespace
}  // namespace niwaki::supernet
