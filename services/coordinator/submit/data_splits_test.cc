#include "services/coordinator/submit/data_splits.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::coordinator {
namespace {

using ::testing::HasSubstr;

// A data set of one-pixel pictures with so many examples in each split.
std::string WriteData(const std::string& name, int calibration, int validation) {
  data::Metadata metadata;
  metadata.name = name;
  metadata.class_names = {"a", "b"};
  metadata.channels = metadata.height = metadata.width = 1;
  metadata.mean = {0};
  metadata.stddev = {1};
  metadata.sizes = {3, calibration, validation, 1};
  std::array<data::SplitColumns, data::kSplitCount> columns;
  std::array<data::SplitView, data::kSplitCount> views;
  for (int i = 0; i < data::kSplitCount; ++i) {
    columns[i].examples.resize(metadata.sizes[i]);
    columns[i].labels.resize(metadata.sizes[i]);
    views[i] = columns[i].View();
  }
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name, ".nwd");
  NIWAKI_EXPECT_OK(data::WritePrepared(path, metadata, views));
  return path;
}

std::string WriteText(const std::string& name, const std::string& text) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  NIWAKI_EXPECT_OK(WriteFileAtomically(path, text));
  return path;
}

TEST(DataSplitsTest, HeadOfPreparedDataSaysHowManyThereAre) {
  const auto splits = ReadDataSplits(WriteData("toy", 5, 7));

  ASSERT_TRUE(splits.has_value());
  EXPECT_EQ(splits->calibration, 5);
  EXPECT_EQ(splits->validation, 7);
  EXPECT_EQ(splits->test, 1);
}

TEST(DataSplitsTest, OtherFilesSayNothing) {
  EXPECT_FALSE(ReadDataSplits("/nowhere/x.nwd").has_value());
  EXPECT_FALSE(ReadDataSplits(WriteText("empty", "")).has_value());
  EXPECT_FALSE(ReadDataSplits(WriteText("magic", "NWKDATA\n")).has_value());
  // Metadata that would end beyond the file, and such that is no JSON.
  std::string head = "NWKDATA\n";
  head.resize(64, '\xff');
  EXPECT_FALSE(ReadDataSplits(WriteText("long", head)).has_value());
  head.replace(8, 8, std::string("\x01\0\0\0\x04\0\0\0", 8));
  EXPECT_FALSE(ReadDataSplits(WriteText("json", head + "{]}[")).has_value());
}

TEST(DataSplitsTest, MoreImagesThanThereAreIsRefused) {
  const DataSplits splits = {5, 7};
  jobs::Evaluation evaluation;
  evaluation.evaluation_images = 8;
  const absl::Status status = CheckImages(evaluation, splits, /*own_calibration=*/false);

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, "spec.evaluation.evaluation_images");
  EXPECT_EQ(GetErrorDetail(status)->value, "8");
  EXPECT_EQ(GetErrorDetail(status)->limit, "at most 7");
  EXPECT_THAT(std::string(status.message()), HasSubstr("has 7 validation images"));

  evaluation.evaluation_images = 7;
  NIWAKI_EXPECT_OK(CheckImages(evaluation, splits, false));
  evaluation.evaluation_images = 0;
  NIWAKI_EXPECT_OK(CheckImages(evaluation, splits, false));
}

TEST(DataSplitsTest, OnlyAWrittenNumberOfCalibrationImagesIsTooMany) {
  jobs::Evaluation evaluation;
  evaluation.calibration_images = 6;

  NIWAKI_EXPECT_OK(CheckImages(evaluation, {5, 7}, /*own_calibration=*/false));
  const absl::Status status = CheckImages(evaluation, {5, 7}, /*own_calibration=*/true);
  EXPECT_EQ(GetErrorDetail(status)->field, "spec.evaluation.calibration_images");
  evaluation.calibration_images = 5;
  NIWAKI_EXPECT_OK(CheckImages(evaluation, {5, 7}, true));
}

TEST(DataSplitsTest, DataWithoutValidationImagesCannotScore) {
  EXPECT_THAT(CheckImages(jobs::Evaluation(), {5, 0}, false),
              StatusIs(absl::StatusCode::kInvalidArgument, "has 0 validation images"));
}

TEST(DataSplitsTest, FrontNeedsATestSplitToBeTestedOn) {
  NIWAKI_EXPECT_OK(CheckTestSplit({5, 7, 1}, absl::StatusCode::kInvalidArgument, "name"));

  const absl::Status status =
      CheckTestSplit({5, 7, 0}, absl::StatusCode::kFailedPrecondition, "spec.test_front");

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, "has no test split"));
  EXPECT_EQ(GetErrorDetail(status)->field, "spec.test_front");
}

}  // namespace
}  // namespace niwaki::coordinator
