#include "libs/train/checkpoint/checkpoint.h"

#include <ATen/ATen.h>
#include <signal.h>
#include <sys/resource.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/space.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/supernet.h"
#include "libs/supernet/weights.h"
#include "libs/train/checkpoint/tensor_io.h"
#include "libs/train/checkpoint/training_state.h"

namespace niwaki::train {
namespace {

using ::testing::ElementsAre;

arch::SearchSpace Space(int width = 8) {
  return *arch::SearchSpace::FromTextproto(absl::StrCat(
      R"(name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 } stem { width: 8 }
         stages { depths: [1, 2] kernel_sizes: [3, 5] expand_ratios: 2 width: )",
      width, " } head {}"));
}

Manifest Trained() {
  Manifest manifest;
  manifest.data.name = "birds";
  manifest.data.class_names = {"ant", "bee", "cow"};
  manifest.data.channels = manifest.data.height = manifest.data.width = 1;
  manifest.data.mean = {0.5};
  manifest.data.stddev = {1};
  manifest.data.sizes = {4, 2, 2, 2};
  manifest.data_digest = std::string(64, 'd');
  manifest.seed = 9;
  manifest.step = 12;
  return manifest;
}

// A folder of this test's own.
std::string Folder(const std::string& name) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/checkpoint_", name);
  NIWAKI_EXPECT_OK(MakeFolders(folder));
  return folder;
}

std::string Saved(const std::string& name, uint64_t seed = 1) {
  const std::string path = absl::StrCat(Folder(name), "/supernet");
  NIWAKI_EXPECT_OK(SaveSupernet(path, *supernet::Supernet::Random(Space(), seed), Trained()));
  return path;
}

// Files written meanwhile cannot grow beyond `bytes`, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(CheckpointTest, SupernetRoundTrips) {
  const auto supernet = supernet::Supernet::Random(Space(), /*seed=*/4);
  const std::string path = absl::StrCat(Folder("round_trip"), "/supernet");

  NIWAKI_ASSERT_OK(SaveSupernet(path, *supernet, Trained()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const LoadedSupernet loaded, LoadSupernetOf(Space(), path));

  EXPECT_EQ(loaded.supernet->space().structure(), Space().structure());
  EXPECT_EQ(loaded.manifest.space_textproto, Space().ToTextproto());
  EXPECT_EQ(loaded.manifest.space_structure, Space().structure().ToHex());
  EXPECT_EQ(loaded.manifest.data_digest, std::string(64, 'd'));
  EXPECT_EQ(loaded.manifest.step, 12);
  std::map<std::string, at::Tensor> expected;
  supernet->weights().ForEach([&](const std::string& name, at::Tensor& tensor,
                                  supernet::TensorUse) { expected[name] = tensor; });
  size_t tensors = 0;
  loaded.supernet->weights().ForEach(
      [&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
        EXPECT_TRUE(at::equal(tensor, expected.at(name))) << name;
        ++tensors;
      });
  EXPECT_EQ(tensors, expected.size());
}

TEST(CheckpointTest, EqualSupernetsGiveEqualBytes) {
  EXPECT_EQ(*ReadFile(Saved("first")), *ReadFile(Saved("second")));
  EXPECT_NE(*ReadFile(Saved("first")), *ReadFile(Saved("other", /*seed=*/2)));
}

TEST(CheckpointTest, TheManifestAloneIsRead) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Manifest manifest, ReadManifest(Saved("manifest")));

  EXPECT_EQ(manifest.seed, 9u);
  EXPECT_EQ(manifest.data.class_names[2], "cow");
}

TEST(CheckpointTest, FilesCutShortAreDataLoss) {
  const std::string path = Saved("cut");
  const std::string whole = *ReadFile(path);
  ASSERT_GT(whole.size(), 1000u);

  for (const size_t length :
       {size_t{0}, size_t{7}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, whole.substr(0, length)));
    EXPECT_THAT(LoadSupernet(path), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt))
        << length << " bytes";
  }
}

TEST(CheckpointTest, AnotherSpaceIsRefused) {
  const std::string path = Saved("space");

  EXPECT_THAT(LoadSupernetOf(Space(/*width=*/16), path),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(LoadSupernetOf(Space(), path), IsOk());
}

// Tensors of another width under this space's manifest.
TEST(CheckpointTest, ShapesAreThoseOfTheSpace) {
  const std::string path = Saved("shape");
  Manifest manifest = *ReadManifest(path);
  TensorWriter writer;
  supernet::Supernet::Random(Space(/*width=*/16), 1)
      ->weights()
      .ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
        writer.Add(name, tensor);
      });
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(path, writer.Serialize({{kManifestKey, manifest.ToJson()}})));

  EXPECT_THAT(LoadSupernet(path),
              StatusIs(absl::StatusCode::kDataLoss,
                       "stage0.block0.project.weight is F32 [16,16,1,1], expected F32 [8,16,1,1]"));
}

TEST(CheckpointTest, OptimiserTensorsDoNotMakeASupernetUnreadable) {
  const std::string path = Saved("optimizer");
  TensorWriter writer;
  supernet::Supernet::Random(Space(), 1)
      ->weights()
      .ForEach([&](const std::string& name, at::Tensor& tensor, supernet::TensorUse) {
        writer.Add(name, tensor);
        writer.Add(absl::StrCat(kOptimizerPrefix, name), tensor);
      });
  const std::string manifest = ReadManifest(path)->ToJson();
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, writer.Serialize({{kManifestKey, manifest}})));

  EXPECT_THAT(LoadSupernet(path), IsOk());
}

TEST(CheckpointTest, AWriteThatFailsLeavesTheOldFile) {
  const std::string path = Saved("failed");
  const std::string before = *ReadFile(path);
  const auto other = supernet::Supernet::Random(Space(), /*seed=*/2);

  absl::Status status;
  {
    FileSizeLimit full(before.size() / 2);
    status = SaveSupernet(path, *other, Trained()).status();
  }

  EXPECT_FALSE(status.ok());
  EXPECT_EQ(*ReadFile(path), before);
  // Nor is anything else left.
  EXPECT_THAT(*ListFolder(Folder("failed")), ElementsAre("supernet"));
}

TEST(CheckpointTest, ErrorsNameTheFile) {
  const std::string nothing = absl::StrCat(Folder("names"), "/nothing");
  const std::string plain = absl::StrCat(Folder("names"), "/plain");
  TensorWriter writer;
  NIWAKI_ASSERT_OK(WriteFileAtomically(plain, writer.Serialize({})));

  EXPECT_THAT(LoadSupernet(nothing), StatusIs(absl::StatusCode::kNotFound, nothing));
  EXPECT_THAT(ReadManifest(plain),
              StatusIs(absl::StatusCode::kDataLoss, "plain: no niwaki.manifest in the metadata"));
}

}  // namespace
}  // namespace niwaki::train
