#include "libs/interchange/ofa/supernet_file.h"

#include <map>
#include <string>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {
namespace {

constexpr float kNumbers[] = {1, 2};

// A file with one tensor and `metadata`.
std::string WriteFile(const std::string& name, const std::map<std::string, std::string>& metadata) {
  const std::string path = ::testing::TempDir() + "/" + name;
  const tensorfile::TensorMap tensors = {
      {"stem.weight",
       {tensorfile::Dtype::kF32,
        {2},
        absl::string_view(reinterpret_cast<const char*>(kNumbers), sizeof kNumbers)}}};
  NIWAKI_EXPECT_OK(WriteFileAtomically(
      path, tensorfile::SerializeSafetensors({metadata.begin(), metadata.end()}, tensors)));
  return path;
}

train::Manifest ManifestOf(const arch::SearchSpace& space) {
  train::Manifest manifest;
  manifest.space_textproto = space.ToTextproto();
  manifest.space_structure = space.structure().ToHex();
  manifest.data.name = "data";
  manifest.data.class_names = {"no", "yes"};
  manifest.data.channels = 1;
  manifest.data.height = manifest.data.width = 8;
  manifest.data.mean = {0};
  manifest.data.stddev = {1};
  return manifest;
}

TEST(SupernetFileTest, OpensTensorsAndTheSpaceOfTheManifest) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  const std::string path =
      WriteFile("good.safetensors", {{train::kManifestKey, ManifestOf(space).ToJson()}});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SupernetFile supernet, OpenSupernet(path));

  EXPECT_EQ(supernet.space.structure(), space.structure());
  ASSERT_EQ(supernet.file->tensors().count("stem.weight"), 1u);
}

TEST(SupernetFileTest, FileWithoutAManifestIsNoSupernet) {
  const absl::Status status = OpenSupernet(WriteFile("plain.safetensors", {})).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, "plain.safetensors: no supernet"));
}

TEST(SupernetFileTest, ErrorsInTheManifestNameTheFile) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("kws"));
  train::Manifest manifest = ManifestOf(space);
  manifest.space_textproto = "stages {";

  EXPECT_THAT(OpenSupernet(WriteFile("broken.safetensors", {{train::kManifestKey, "{"}})),
              StatusIs(absl::StatusCode::kDataLoss, "broken.safetensors"));
  EXPECT_THAT(
      OpenSupernet(WriteFile("space.safetensors", {{train::kManifestKey, manifest.ToJson()}})),
      StatusIs(absl::StatusCode::kInvalidArgument, "space.safetensors"));
}

TEST(SupernetFileTest, MissingFileIsNotFound) {
  EXPECT_THAT(OpenSupernet("/no/such"), StatusIs(absl::StatusCode::kNotFound, "/no/such"));
}

}  // namespace
}  // namespace niwaki::interchange
