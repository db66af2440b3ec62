#include "services/cli/commands/supernet_upload.h"

#include <cstdlib>

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

std::string PathOf(const std::string& name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

// Prepared data of the right channels for the space kws.
std::string MakeData(const std::string& name, int classes) {
  data::SyntheticOptions options;
  options.classes = classes;
  options.channels = 1;
  options.height = 8;
  options.width = 8;
  options.sizes = {100, 20, 30, 40};
  options.out = PathOf(name);
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  return options.out;
}

TEST(SupernetUploadTest, SpaceComesFromTheManifest) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto prepared, data::PreparedData::Open(MakeData("a.nwd", 12)));
  train::Manifest manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data = prepared->metadata();
  const std::string path = PathOf("kws.safetensors");
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      path, tensorfile::SerializeSafetensors({{"niwaki.manifest", manifest.ToJson()}}, {})));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace read, ReadSupernetSpace(path));

  EXPECT_EQ(read.structure(), space.structure());
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

TEST(SupernetUploadTest, OnlyScoringSplitsAreKept) {
  const std::string part = PathOf("part.nwd");
  NIWAKI_ASSERT_OK(WriteScoringData(*arch::CatalogueSpace("kws"), MakeData("b.nwd", 12), part));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, data::PreparedData::Open(part));

  EXPECT_EQ(data->size(data::Split::kTrain), 0);
  EXPECT_EQ(data->size(data::Split::kCalibration), 20);
  EXPECT_EQ(data->size(data::Split::kValidation), 30);
  EXPECT_EQ(data->size(data::Split::kTest), 0);
}

TEST(SupernetUploadTest, DataOfOtherClassesIsRefused) {
  EXPECT_THAT(
      WriteScoringData(*arch::CatalogueSpace("kws"), MakeData("c.nwd", 5), PathOf("c.part")),
      HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(
      WriteScoringData(*arch::CatalogueSpace("cifar32"), MakeData("d.nwd", 10), PathOf("d.part")),
      StatusIs(absl::StatusCode::kFailedPrecondition, "channels"));
}

}  // namespace
}  // namespace niwaki::cli
