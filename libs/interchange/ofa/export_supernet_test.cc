#include "libs/interchange/ofa/export_supernet.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_file.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/safetensors.h"

namespace niwaki::interchange {
namespace {

using supernet::OfaName;
using supernet::OfaRepository;
using tensorfile::TensorMap;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

constexpr char kResNet[] =
    "name: 'resnet' input_channels: 3 num_classes: 10 resolutions { value: 32 } "
    "width_mults: [0.5, 1] width_choice: WIDTH_CHOICE_PER_STAGE "
    "stem { width: 8 stride: 2 activation: ACTIVATION_RELU second_width: 16 "
    "residual: STEM_RESIDUAL_OPTIONAL max_pool: true } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 32 depths: [1, 2] base_depth: 1 kernel_sizes: 3 "
    "expand_ratios: [0.25, 0.5] activation: ACTIVATION_RELU } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 64 stride: 2 depths: [1, 2] base_depth: 1 "
    "kernel_sizes: 3 expand_ratios: [0.25, 0.5] activation: ACTIVATION_RELU } head {}";

constexpr char kMobileNet[] =
    "name: 'mobilenet' input_channels: 3 num_classes: 10 resolutions { value: 32 } "
    "kernel_transform: KERNEL_TRANSFORM_MATRIX stem { width: 8 } "
    "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } "
    "stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5, 7] "
    "expand_ratios: [3, 4] squeeze_excite: true } "
    "head { final_expand_width: 48 feature_mix_width: 64 feature_mix_after_pool: true }";

struct RoundTrip {
  const char* name;
  const char* space;
  OfaRepository repository;
  // One of the names written.
  const char* example;
};

class SupernetRoundTripTest : public ::testing::TestWithParam<RoundTrip> {};

// Checkpoint → supernet → checkpoint → supernet.
TEST_P(SupernetRoundTripTest, KeepsEveryBit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::SearchSpace::FromTextproto(GetParam().space));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts, DescribeData(space, {}, "half"));
  const auto names = OfaSupernetNames(space, GetParam().repository);
  const TestTensors theirs(names, &OfaName::theirs);
  const tensorfile::NamedTensors named(theirs.map.begin(), theirs.map.end());
  const std::string path = Path(GetParam().name);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                              tensorfile::SerializeStateDict(named, "state_dict"));
  ASSERT_THAT(WriteFileAtomically(path + ".1.pth", bytes), IsOk());

  NIWAKI_ASSERT_OK(ImportSupernet(path + ".1.pth", space, facts, path + ".1.safetensors").status());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const ExportedSupernet exported,
      ExportSupernet(path + ".1.safetensors", GetParam().repository, path + ".2.pth"));
  NIWAKI_ASSERT_OK(ImportSupernet(path + ".2.pth", space, facts, path + ".2.safetensors").status());

  EXPECT_EQ(*ReadFile(path + ".1.safetensors"), *ReadFile(path + ".2.safetensors"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, tensorfile::PyTorchFile::Open(path + ".2.pth"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap state, file->StateDict());
  EXPECT_EQ(exported.tensors, theirs.map.size());
  EXPECT_EQ(state.count(GetParam().example), 1u);
  size_t counters = 0;
  for (const auto& [name, tensor] : state) {
    counters += absl::EndsWith(name, ".num_batches_tracked");
  }
  EXPECT_EQ(state.size(), theirs.map.size() + counters);
  for (const auto& [name, tensor] : theirs.map) {
    ASSERT_EQ(state.count(name), 1u) << name;
    EXPECT_EQ(state.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(state.at(name).bytes, tensor.bytes) << name;
  }
}

TEST(ExportSupernetTest, NamesOfTheClassesGoBesideTheCheckpoint) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space,
                              arch::SearchSpace::FromTextproto(kMobileNet));
  std::vector<std::string> classes;
  for (int i = 0; i < 10; ++i) classes.push_back(absl::StrCat("bird ", i));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts, DescribeData(space, classes, "half"));
  const auto names = OfaSupernetNames(space, OfaRepository::kOnceForAll);
  const TestTensors theirs(names, &OfaName::theirs);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string bytes,
      tensorfile::SerializeStateDict({theirs.map.begin(), theirs.map.end()}, "state_dict"));
  const std::string path = Path("facts");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path + ".1.pth", bytes));
  NIWAKI_ASSERT_OK(ImportSupernet(path + ".1.pth", space, facts, path + ".safetensors").status());

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const ExportedSupernet exported,
      ExportSupernet(path + ".safetensors", OfaRepository::kOnceForAll, path + ".2.pth"));

  EXPECT_EQ(exported.facts, path + ".2.pth.data.json");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts back, ReadDataFactsFile(exported.facts));
  EXPECT_EQ(back.metadata.class_names, classes);
  EXPECT_TRUE(back.class_names_known);
}

INSTANTIATE_TEST_SUITE_P(
    Spaces, SupernetRoundTripTest,
    ::testing::Values(RoundTrip{"resnet", kResNet, OfaRepository::kOnceForAll,
                                "input_stem.1.conv.bn.bn.num_batches_tracked"},
                      RoundTrip{"mobilenet", kMobileNet, OfaRepository::kOnceForAll,
                                "blocks.1.conv.depth_conv.conv.7to5_matrix"},
                      RoundTrip{"mcunet", kMobileNet, OfaRepository::kMcunet,
                                "blocks.1.mobile_inverted_conv.point_linear.conv.conv.weight"}),
    [](const auto& info) { return std::string(info.param.name); });

// The file of a supernet of kResNet with `tensors`.
std::string WriteSupernet(const std::string& name, const TensorMap& tensors) {
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(kResNet);
  const TestTensors theirs(OfaSupernetNames(space, OfaRepository::kOnceForAll), &OfaName::theirs);
  const tensorfile::NamedTensors named(theirs.map.begin(), theirs.map.end());
  const std::string path = Path(name);
  EXPECT_THAT(WriteFileAtomically(path, *tensorfile::SerializeStateDict(named, "")), IsOk());
  EXPECT_THAT(ImportSupernet(path, space, *DescribeData(space, {}, "half"), path), IsOk());
  const auto file = tensorfile::SafetensorsFile::Open(path);
  EXPECT_THAT(file, IsOk());
  EXPECT_THAT(
      WriteFileAtomically(path, tensorfile::SerializeSafetensors((*file)->metadata(), tensors)),
      IsOk());
  return path;
}

TEST(ExportSupernetTest, TensorsOfTheTrainingStayBehind) {
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(kResNet);
  TestTensors ours(OfaSupernetNames(space, OfaRepository::kOnceForAll), &OfaName::ours);
  const int tensors = static_cast<int>(ours.map.size());
  ours.Set("optimizer.stem.weight", {1}, {1});
  const std::string path = WriteSupernet("trained", ours.map);

  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const ExportedSupernet exported,
      ExportSupernet(path, OfaRepository::kOnceForAll, Path("trained.pth")));

  EXPECT_EQ(exported.tensors, tensors);
  EXPECT_EQ(exported.space.name(), "resnet");
}

TEST(ExportSupernetTest, WrongTensorsAreNamedAndNothingIsWritten) {
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(kResNet);
  TestTensors ours(OfaSupernetNames(space, OfaRepository::kOnceForAll), &OfaName::ours);
  ours.Set("classifier.weight", {64, 10}, std::vector<float>(640));
  const std::string transposed = WriteSupernet("transposed", ours.map);
  ours.map.erase("stem.residual.weight");
  const std::string missing = WriteSupernet("missing", ours.map);
  const std::string out = Path("not_written.pth");

  EXPECT_THAT(ExportSupernet(transposed, OfaRepository::kOnceForAll, out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "classifier.weight is F32 [64,10], expected F32 [10,64]; it is transposed"));
  EXPECT_THAT(ExportSupernet(missing, OfaRepository::kOnceForAll, out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "stem.residual.weight is missing; expected F32 [8,8,3,3]"));
  EXPECT_FALSE(FileExists(out));
}

TEST(ExportSupernetTest, OtherFilesAreRefused) {
  const std::string path = Path("other.safetensors");
  ASSERT_THAT(WriteFileAtomically(path, tensorfile::SerializeSafetensors({}, {})), IsOk());

  EXPECT_THAT(ExportSupernet(path, OfaRepository::kOnceForAll, Path("o")),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(ExportSupernet(Path("nowhere"), OfaRepository::kOnceForAll, Path("o")),
              StatusIs(absl::StatusCode::kNotFound, "nowhere"));
}

}  // namespace
}  // namespace niwaki::interchange
