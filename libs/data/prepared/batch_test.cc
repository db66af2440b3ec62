#include "libs/data/prepared/batch.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/synthetic.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<PreparedData> MakeData() {
  SyntheticOptions options;
  options.height = 12;
  options.width = 10;
  options.out = absl::StrCat(std::getenv("TEST_TMPDIR"), "/batch");
  EXPECT_THAT(GenerateSynthetic(options), IsOk());
  return *PreparedData::Open(options.out);
}

TEST(FillBatchTest, NormalisesWithStoredMeanAndDeviation) {
  const auto data = MakeData();
  const Metadata& m = data->metadata();
  std::vector<float> out(2 * m.ElementsPerExample());
  std::vector<int64_t> labels(2);

  NIWAKI_ASSERT_OK(FillBatch(*data, Split::kTest, {5, 3}, 12, 10, out.data(), labels.data()));

  EXPECT_THAT(labels, ElementsAre(data->label(Split::kTest, 5), data->label(Split::kTest, 3)));
  const absl::Span<const uint8_t> bytes = data->example(Split::kTest, 3);
  for (int i = 0; i < 360; ++i) {
    EXPECT_FLOAT_EQ(out[360 + i], (bytes[i] - m.mean[i / 120]) / m.stddev[i / 120]);
  }
}

TEST(FillBatchTest, WholeTrainSplitHasMeanZeroAndDeviationOne) {
  const auto data = MakeData();
  const int64_t n = data->size(Split::kTrain);
  std::vector<int64_t> all(n);
  for (int64_t i = 0; i < n; ++i) all[i] = i;
  std::vector<float> out(n * 360);

  NIWAKI_ASSERT_OK(FillBatch(*data, Split::kTrain, all, 12, 10, out.data(), nullptr));

  double sum = 0, square = 0;
  for (float value : out) sum += value, square += value * value;
  EXPECT_NEAR(sum / out.size(), 0, 1e-5);
  EXPECT_NEAR(square / out.size(), 1, 1e-4);
}

TEST(FillBatchTest, ReadsSignedAndFloatElements) {
  for (ElementType type : {ElementType::kInt8, ElementType::kFloat32}) {
    Metadata m;
    m.name = "x";
    m.class_names = {"a"};
    m.channels = 1;
    m.height = 1;
    m.width = 3;
    m.element_type = type;
    m.scale = 0.5;
    m.offset = 1;
    m.mean = {2};
    m.stddev = {4};
    m.sizes = {1, 0, 0, 0};
    SplitColumns train;
    train.labels = {0};
    for (int value : {-128, 0, 127}) {
      const float as_float = static_cast<float>(value);
      uint8_t bytes[4] = {static_cast<uint8_t>(value)};
      if (type == ElementType::kFloat32) std::memcpy(bytes, &as_float, 4);
      train.examples.insert(train.examples.end(), bytes, bytes + ElementBytes(type));
    }
    const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", ElementTypeName(type));
    NIWAKI_ASSERT_OK(WritePrepared(path, m, {train.View(), {}, {}, {}}));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(path));
    std::vector<float> out(3);

    NIWAKI_ASSERT_OK(FillBatch(*data, Split::kTrain, {0}, 1, 3, out.data(), nullptr));

    EXPECT_THAT(out, ElementsAre(-16.25f, -0.25f, 15.625f)) << ElementTypeName(type);
  }
}

TEST(FillBatchTest, ResizesToTheResolutionAskedFor) {
  const auto data = MakeData();
  std::vector<float> out(3 * 6 * 5);

  NIWAKI_ASSERT_OK(FillBatch(*data, Split::kTest, {0}, 6, 5, out.data(), nullptr));

  std::vector<float> whole(360);
  NIWAKI_ASSERT_OK(FillBatch(*data, Split::kTest, {0}, 12, 10, whole.data(), nullptr));
  double small_mean = 0, mean = 0;
  for (float v : out) small_mean += v / out.size();
  for (float v : whole) mean += v / whole.size();
  EXPECT_NEAR(small_mean, mean, 0.05);
}

TEST(FillBatchTest, BadIndexOrSideIsRefused) {
  const auto data = MakeData();
  std::vector<float> out(360);

  EXPECT_THAT(FillBatch(*data, Split::kTest, {64}, 12, 10, out.data(), nullptr),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(FillBatch(*data, Split::kTest, {-1}, 12, 10, out.data(), nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "test[0] is -1; it must be at least 0 and below 64"));
  EXPECT_THAT(FillBatch(*data, Split::kTest, {0}, 0, 10, out.data(), nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, "height is 0; it must be 1 to 4096"));
}

TEST(FillAugmentedBatchTest, DependsOnSeedAndIndexOnly) {
  const auto data = MakeData();
  const AugmentOptions options;
  std::vector<float> alone(360), beside(720), other(360);

  NIWAKI_ASSERT_OK(
      FillAugmentedBatch(*data, Split::kTrain, {9}, 12, 10, options, 1, alone.data(), nullptr));
  NIWAKI_ASSERT_OK(
      FillAugmentedBatch(*data, Split::kTrain, {4, 9}, 12, 10, options, 1, beside.data(), nullptr));
  NIWAKI_ASSERT_OK(
      FillAugmentedBatch(*data, Split::kTrain, {9}, 12, 10, options, 2, other.data(), nullptr));

  EXPECT_EQ(alone, std::vector<float>(beside.begin() + 360, beside.end()));
  EXPECT_NE(alone, other);
}

}  // namespace
}  // namespace niwaki::data
