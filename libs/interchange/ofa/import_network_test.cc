#include "libs/interchange/ofa/import_network.h"

#include <list>
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/tensor.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(
      "name: 'tiny' input_channels: 3 num_classes: 10 resolutions { value: 32 } "
      "resolutions { value: 48 } stem { width: 8 } "
      "stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: [3, 4] } "
      "head {}");
}

// Writes the supernet's state dict with every name behind `prefix`.
std::string WriteState(const std::string& name, const std::string& prefix) {
  const TestTensors state(OfaSupernetNames(Space(), supernet::OfaRepository::kMcunet),
                          &supernet::OfaName::theirs);
  tensorfile::NamedTensors named;
  for (const auto& [key, tensor] : state.map) named.emplace_back(prefix + key, tensor);
  const std::string path = Path(name);
  EXPECT_THAT(WriteFileAtomically(path, *tensorfile::SerializeStateDict(named, "state_dict")),
              IsOk());
  return path;
}

TEST(ImportNetworkTest, WritesASupernetWithItsManifest) {
  const std::string path = WriteState("in.pth", "module.");
  const std::string out = Path("out.safetensors");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts, DescribeData(Space(), {}, "half"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportSummary summary,
                              ImportSupernet(path, Space(), facts, out));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, tensorfile::SafetensorsFile::Open(out));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const train::Manifest manifest,
                              train::Manifest::FromJson(file->metadata().at(train::kManifestKey)));
  EXPECT_EQ(file->tensors().size(), summary.mapped.size());
  EXPECT_EQ(manifest.space_structure, Space().structure().ToHex());
  EXPECT_EQ(manifest.data.class_names.size(), 10u);
  EXPECT_FALSE(manifest.class_names_known);
  EXPECT_EQ(manifest.data.height, 48);
  EXPECT_THAT(manifest.data.mean, ElementsAre(0.5, 0.5, 0.5));
  EXPECT_EQ(summary.digest.size(), 64u);
}

TEST(ImportNetworkTest, EntriesAreChosenAndTold) {
  const TestTensors state(OfaSupernetNames(Space(), supernet::OfaRepository::kMcunet),
                          &supernet::OfaName::theirs);
  tensorfile::TensorMap halves;
  std::list<std::string> bytes;
  for (const auto& [name, tensor] : state.map) {
    // Ones.
    bytes.emplace_back();
    for (size_t i = 0; i < tensor.bytes.size() / sizeof(float); ++i) bytes.back() += "\x80\x3F";
    halves["_orig_mod.net." + name] = {tensorfile::Dtype::kBF16, tensor.shape, bytes.back()};
  }
  const std::string path = Path("half.safetensors");
  ASSERT_THAT(WriteFileAtomically(path, tensorfile::SerializeSafetensors({}, halves)), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts, DescribeData(Space(), {}, "half"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportSummary summary,
                              ImportSupernet(path, Space(), facts, Path("half.out")));

  EXPECT_THAT(summary.notes.prefixes, ElementsAre("_orig_mod.", "net."));
  EXPECT_EQ(summary.notes.converted.at("BF16"), static_cast<int>(state.map.size()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, tensorfile::SafetensorsFile::Open(Path("half.out")));
  for (const auto& [name, tensor] : file->tensors()) {
    EXPECT_EQ(tensor.dtype, tensorfile::Dtype::kF32) << name;
    EXPECT_EQ(tensor.bytes.substr(0, 4), absl::string_view("\0\0\x80\x3F", 4)) << name;
  }
  EXPECT_THAT(CountClasses({WriteState("entry.pth", ""), "state_dict"}), IsOkAndHolds(10));
  EXPECT_THAT(CountClasses({WriteState("entry.pth", ""), "model"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "no entry 'model' with tensors; there are state_dict"));
}

TEST(ImportNetworkTest, ImageNetsNormalisationIsForThreeChannels) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const arch::SearchSpace grey,
      arch::SearchSpace::FromTextproto(
          "name: 'grey' input_channels: 1 num_classes: 2 resolutions { value: 32 } stem { width: 8 "
          "} stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 3 } head {}"));

  EXPECT_THAT(DescribeData(grey, {}, "imagenet"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "--normalisation imagenet is for 3 channels, the network has 1"));
  EXPECT_THAT(DescribeData(grey, {}, "half"), IsOk());
}

TEST(ImportNetworkTest, ClassesMustAgree) {
  const std::string path = WriteState("classes.pth", "");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts,
                              DescribeData(Space(), {"cat", "dog"}, "imagenet"));

  EXPECT_THAT(CountClasses(path), IsOkAndHolds(10));
  EXPECT_THAT(ImportSupernet(path, Space(), facts, Path("o")),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSupernetMismatch));
  EXPECT_FALSE(FileExists(Path("o")));
}

TEST(ImportNetworkTest, ReadsNormalisations) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts imagenet, DescribeData(Space(), {}, "imagenet"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts own, DescribeData(Space(), {}, "0.1,0.2,0.3/0.4"));

  EXPECT_THAT(imagenet.metadata.stddev, ElementsAre(0.229, 0.224, 0.225));
  EXPECT_THAT(own.metadata.mean, ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(own.metadata.stddev, ElementsAre(0.4, 0.4, 0.4));
  for (const char* bad : {"", "cifar", "0.5", "0.5,0.5/0.5", "a/b", "0.5/0.5/0.5", "0.5/0"}) {
    EXPECT_THAT(DescribeData(Space(), {}, bad),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << bad;
  }
}

}  // namespace
}  // namespace niwaki::interchange
