#include "libs/supernet/scoring/images.h"

#include <ATen/ATen.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"

namespace niwaki::supernet {
namespace {

using ::testing::ElementsAre;

constexpr int kHeight = 6;
constexpr int kWidth = 8;

std::unique_ptr<data::PreparedData> Data() {
  data::SyntheticOptions options;
  options.classes = 3;
  options.channels = 2;
  options.height = kHeight;
  options.width = kWidth;
  options.sizes = {4, 4, 7, 4};
  options.out = ::testing::TempDir() + "/images.nwd";
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  auto data = data::PreparedData::Open(options.out);
  EXPECT_THAT(data.status(), IsOk());
  return std::move(data).value();
}

arch::SearchSpace Space(int channels, int classes) {
  return arch::SearchSpace::FromTextproto(
             "name: \"tiny\" num_classes: 3 resolutions { value: 8 } stem { width: 8 }"
             "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } head {}"
             "input_channels: " +
             std::to_string(channels))
      ->WithNumClasses(classes);
}

TEST(ImagesTest, ExamplesComeInTheOrderAskedFor) {
  const auto data = Data();
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const LabelledImages all,
      LoadFirstImages(*data, data::Split::kValidation, 0, {kWidth, kHeight, kWidth}));
  ASSERT_EQ(all.size(), 7);

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const LabelledImages some,
      LoadImages(*data, data::Split::kValidation, {5, 0, 5}, {kWidth, kHeight, kWidth}));

  EXPECT_THAT(some.labels, ElementsAre(all.labels[5], all.labels[0], all.labels[5]));
  EXPECT_TRUE(at::equal(some.images[0], all.images[5]));
  EXPECT_TRUE(at::equal(some.images[1], all.images[0]));
  EXPECT_FALSE(at::equal(some.images[0], some.images[1]));
}

// (scale * element + offset - mean) / stddev of the very bytes.
TEST(ImagesTest, ElementsAreNormalised) {
  const auto data = Data();
  const data::Metadata& metadata = data->metadata();
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const LabelledImages images,
      LoadImages(*data, data::Split::kTrain, {2}, {kWidth, kHeight, kWidth}));

  EXPECT_EQ(images.images.sizes(), at::IntArrayRef({1, 2, kHeight, kWidth}));
  EXPECT_TRUE(images.images.is_contiguous(at::MemoryFormat::ChannelsLast));
  ASSERT_EQ(metadata.element_type, data::ElementType::kUint8);
  const auto bytes =
      data->view(data::Split::kTrain)
          .examples.subspan(2 * metadata.BytesPerExample(), metadata.BytesPerExample());
  for (int c = 0; c < 2; ++c) {
    for (int i = 0; i < kHeight * kWidth; ++i) {
      const double real = metadata.scale * bytes[c * kHeight * kWidth + i] + metadata.offset;
      const double expected = (real - metadata.mean[c]) / metadata.stddev[c];
      ASSERT_NEAR(images.images[0][c][i / kWidth][i % kWidth].item<double>(), expected, 1e-4);
    }
  }
}

TEST(ImagesTest, CountsAreAtMostTheSplit) {
  const auto data = Data();
  for (const auto& [asked, given] : {std::pair(0, 7), std::pair(3, 3), std::pair(100, 7)}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const LabelledImages images,
        LoadFirstImages(*data, data::Split::kValidation, asked, {kWidth, kHeight, kWidth}));
    EXPECT_EQ(images.size(), given);
    EXPECT_EQ(images.images.size(0), given);
  }
}

TEST(ImagesTest, SlicesShareMemory) {
  const auto data = Data();
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const LabelledImages images,
      LoadFirstImages(*data, data::Split::kValidation, 0, {kWidth, kHeight, kWidth}));

  images.Slice(2, 3).fill_(9);

  EXPECT_NE(images.images[1].max().item<float>(), 9);
  EXPECT_EQ(images.images[2].min().item<float>(), 9);
  EXPECT_EQ(images.images[4].min().item<float>(), 9);
  EXPECT_NE(images.images[5].max().item<float>(), 9);
}

TEST(ImagesTest, DataAndSpaceAgreeOnChannelsAndClasses) {
  const auto data = Data();

  EXPECT_THAT(CheckDataFits(Space(2, 3), *data), IsOk());
  EXPECT_THAT(CheckDataFits(Space(3, 3), *data),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(CheckDataFits(Space(3, 3), *data),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the data has 2 channels, the search space wants 3"));
  EXPECT_THAT(CheckDataFits(Space(2, 4), *data),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the data has 3 classes, the search space wants 4"));
}

}  // namespace
}  // namespace niwaki::supernet
