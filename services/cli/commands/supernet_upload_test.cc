#include "services/cli/commands/supernet_upload.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string PathOf(const std::string& name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

// Prepared data of the right channels for the space kws.
std::string MakeData(const std::string& name, int classes, int height = 8) {
  data::SyntheticOptions options;
  options.classes = classes;
  options.channels = 1;
  options.height = height;
  options.width = 8;
  options.sizes = {100, 20, 30, 40};
  options.out = PathOf(name);
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  return options.out;
}

// Of a supernet of kws that was trained on the prepared data `path`.
train::Manifest TrainedOn(const std::string& path) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  const auto prepared = data::PreparedData::Open(path);
  EXPECT_THAT(prepared, IsOk());
  train::Manifest manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data_digest = (*prepared)->digest();
  manifest.data = (*prepared)->metadata();
  return manifest;
}

TEST(SupernetUploadTest, SpaceAndClassesComeFromTheManifest) {
  const std::string path = PathOf("kws.safetensors");
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      path, tensorfile::SerializeSafetensors(
                {{"niwaki.manifest", TrainedOn(MakeData("a.nwd", 12)).ToJson()}}, {})));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace read, ReadSupernetSpace(path));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const train::Manifest manifest, ReadSupernetManifest(path));

  EXPECT_EQ(read.structure(), arch::CatalogueSpace("kws")->structure());
  EXPECT_EQ(manifest.data.class_names.size(), 12u);
}

TEST(SupernetUploadTest, OtherFilesAreNoSupernets) {
  const std::string path = PathOf("other.safetensors");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, tensorfile::SerializeSafetensors({}, {})));
  EXPECT_THAT(ReadSupernetSpace(path),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));

  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "PK\x03\x04 not a supernet"));
  EXPECT_THAT(ReadSupernetSpace(path),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ReadSupernetSpace("/nowhere"), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST(SupernetUploadTest, TrainingExamplesAreNotUploaded) {
  const std::string path = MakeData("b.nwd", 12);
  const std::string part = PathOf("part.nwd");

  EXPECT_THAT(WriteScoringData(TrainedOn(path), path, part), IsOkAndHolds(IsEmpty()));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(part));
  EXPECT_EQ(data->size(data::Split::kTrain), 0);
  EXPECT_EQ(data->size(data::Split::kCalibration), 20);
  EXPECT_EQ(data->size(data::Split::kValidation), 30);
  EXPECT_EQ(data->size(data::Split::kTest), 40);
}

TEST(SupernetUploadTest, WhatIsUploadedHasTheLabelsOfTheSupernet) {
  const std::string path = MakeData("order.nwd", 12);
  train::Manifest manifest = TrainedOn(path);
  std::reverse(manifest.data.class_names.begin(), manifest.data.class_names.end());
  const std::string part = PathOf("order.part");

  EXPECT_THAT(WriteScoringData(manifest, path, part),
              IsOkAndHolds(ElementsAre(HasSubstr("in another order"))));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto whole, data::PreparedData::Open(path));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(part));
  EXPECT_EQ(data->metadata().class_names, manifest.data.class_names);
  for (int64_t i = 0; i < data->size(data::Split::kValidation); ++i) {
    EXPECT_EQ(data->label(data::Split::kValidation, i),
              11 - whole->label(data::Split::kValidation, i));
  }
}

TEST(SupernetUploadTest, OtherDataIsRefused) {
  const train::Manifest manifest = TrainedOn(MakeData("trained.nwd", 12));
  const std::string part = PathOf("refused.part");

  EXPECT_THAT(WriteScoringData(manifest, MakeData("c.nwd", 5), part),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(WriteScoringData(manifest, MakeData("d.nwd", 12, /*height=*/9), part),
              StatusIs(absl::StatusCode::kFailedPrecondition, "height 9, the supernet's 8"));
  EXPECT_FALSE(FileExists(part));
}

}  // namespace
}  // namespace niwaki::cli
