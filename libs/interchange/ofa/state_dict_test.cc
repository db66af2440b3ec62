#include "libs/interchange/ofa/state_dict.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"

namespace niwaki::interchange {
namespace {

using supernet::OfaName;
using supernet::OfaRepository;
using tensorfile::Dtype;
using tensorfile::TensorMap;

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(
      "name: 'tiny' input_channels: 3 num_classes: 10 resolutions { value: 32 } "
      "kernel_transform: KERNEL_TRANSFORM_MATRIX stem { width: 8 } "
      "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } "
      "stages { width: 16 stride: 2 depths: [1, 2] kernel_sizes: [3, 5, 7] "
      "expand_ratios: [3, 4] squeeze_excite: true } "
      "head { final_expand_width: 48 feature_mix_width: 64 feature_mix_after_pool: true }");
}

// The supernet's state dict in OFA's names.
TestTensors State() {
  return TestTensors(OfaSupernetNames(Space(), OfaRepository::kOnceForAll), &OfaName::theirs);
}

TensorMap Renamed(const TensorMap& state, absl::string_view from, absl::string_view to) {
  TensorMap renamed;
  for (const auto& [name, tensor] : state) {
    renamed[absl::StrReplaceAll(name, {{from, to}})] = tensor;
  }
  return renamed;
}

TEST(StateDictTest, MapsEveryTensor) {
  const TestTensors state = State();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors imported,
                              ImportStateDict(Space(), state.map, "f"));

  EXPECT_EQ(imported.mapped.size(), state.map.size());
  EXPECT_EQ(imported.tensors.size(), state.map.size());
  for (const OfaName& name : imported.mapped) {
    EXPECT_EQ(imported.tensors.at(name.ours).bytes, state.map.at(name.theirs).bytes);
  }
  EXPECT_EQ(imported.tensors.count("stage1.block1.depthwise.7to5_matrix"), 1u);
}

TEST(StateDictTest, AcceptsEverySpelling) {
  const TestTensors state = State();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors expected,
                              ImportStateDict(Space(), state.map, "f"));
  TensorMap mcunet;
  for (const auto& [name, tensor] : state.map) {
    const size_t end = absl::StartsWith(name, "blocks.") ? name.find(".conv.") : std::string::npos;
    mcunet[end == std::string::npos
               ? name
               : name.substr(0, end) + ".mobile_inverted_conv." + name.substr(end + 6)] = tensor;
  }

  for (const TensorMap& spelled :
       {mcunet, Renamed(state.map, ".bn.bn.", ".bn."), Renamed(state.map, ".conv.conv.", ".conv."),
        Renamed(state.map, "classifier.linear.", "classifier.linear.linear."),
        Renamed(state.map, ".reduce.", ".reduce.conv.")}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors imported,
                                ImportStateDict(Space(), spelled, "f"));
    for (const auto& [name, tensor] : expected.tensors) {
      EXPECT_EQ(imported.tensors.at(name).bytes, tensor.bytes) << name;
    }
  }
}

// Of batch norms, averages and profilers, which put theirs beside every layer, wrapped ones twice.
TEST(StateDictTest, IgnoresCounters) {
  TestTensors state = State();
  const std::string zero(8, '\0');
  state.map["first_conv.bn.num_batches_tracked"] = {Dtype::kI64, {}, zero};
  state.map["n_averaged"] = {Dtype::kI64, {}, zero};
  state.Set("total_ops", {1}, {5});
  state.Set("blocks.1.conv.depth_conv.conv.conv.total_ops", {1}, {5});
  state.Set("blocks.1.conv.depth_conv.conv.total_ops", {1}, {5});
  state.Set("classifier.total_params", {}, {5});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors imported,
                              ImportStateDict(Space(), state.map, "f"));

  EXPECT_THAT(imported.ignored,
              ::testing::UnorderedElementsAre(
                  "first_conv.bn.num_batches_tracked", "n_averaged", "total_ops",
                  "blocks.1.conv.depth_conv.conv.conv.total_ops",
                  "blocks.1.conv.depth_conv.conv.total_ops", "classifier.total_params"));
}

// All that is wrong is told at once: how much of each kind, and the first of it.
TEST(StateDictTest, FaultsAreCountedByKind) {
  TestTensors state = State();
  for (const char* name : {"first_conv.conv.weight", "first_conv.bn.weight", "first_conv.bn.bias",
                           "first_conv.bn.running_mean"}) {
    state.map.erase(name);
  }
  state.Set("classifier.linear.weight", {64, 10}, std::vector<float>(640));
  state.Set("classifier.linear.bias", {10},
            {0, std::nanf(""), 2, std::numeric_limits<float>::infinity(), 4, 5, 6, 7, 8, 9});
  state.Set("fc.weight", {1}, {1});
  state.Set("fc.bias", {1}, {1});

  const auto imported = ImportStateDict(Space(), state.map, "f.pth");

  EXPECT_THAT(imported, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(
      imported.status().message(),
      ::testing::AllOf(
          ::testing::HasSubstr("f.pth: of the tensors of 'tiny', 4 missing, 1 of another shape or "
                               "type, 1 with 2 numbers that are not finite, 2 that belong to no "
                               "layer: first_conv.conv.weight (stem.weight) is missing; expected "
                               "F32 [8,3,3,3]"),
          ::testing::HasSubstr("classifier.linear.weight is F32 [64,10], expected F32 [10,64]; it "
                               "is transposed"),
          ::testing::HasSubstr("classifier.linear.bias F32 [10] holds 2 numbers that are not "
                               "finite, the first at element 1"),
          ::testing::HasSubstr("fc.bias F32 [1] belongs to no layer of 'tiny'"),
          ::testing::EndsWith("…")));
}

constexpr char kStem[] = "first_conv.conv.weight";
constexpr char kDense[] = "classifier.linear.weight";

struct BadCase {
  const char* name;
  std::function<void(TestTensors&)> spoil;
  const char* message;
};

class StateDictBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(StateDictBadTest, NamesTheTensorAndBothShapes) {
  TestTensors state = State();
  GetParam().spoil(state);

  const auto imported = ImportStateDict(Space(), state.map, "f.pth");

  EXPECT_THAT(imported, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(imported, StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
}

void SetElement(TestTensors& state, float value) {
  std::vector<float> numbers(8 * 3 * 3 * 3, 1.0f);
  numbers[5] = value;
  state.Set(kStem, {8, 3, 3, 3}, numbers);
}

INSTANTIATE_TEST_SUITE_P(
    Tensors, StateDictBadTest,
    ::testing::Values(
        BadCase{"Missing", [](TestTensors& state) { state.map.erase(kStem); },
                "f.pth: tensor first_conv.conv.weight (stem.weight) is missing; expected F32 "
                "[8,3,3,3]"},
        BadCase{"MissingMatrix",
                [](TestTensors& state) {
                  state.map.erase("blocks.1.conv.depth_conv.conv.5to3_matrix");
                },
                "5to3_matrix (stage1.block0.depthwise.5to3_matrix) is missing"},
        BadCase{"Extra", [](TestTensors& state) { state.Set("blocks.9.x", {1}, {1}); },
                "tensor blocks.9.x F32 [1] belongs to no layer of 'tiny'"},
        BadCase{
            "Twice",
            [](TestTensors& state) {
              state.Set("first_conv.conv.conv.weight", {8, 3, 3, 3}, std::vector<float>(216, 1));
            },
            "are the same layer's"},
        BadCase{"Transposed",
                [](TestTensors& state) {
                  state.Set(kDense, {64, 10}, std::vector<float>(640));
                },
                "classifier.linear.weight is F32 [64,10], expected F32 [10,64]; it is transposed"},
        BadCase{"Shape",
                [](TestTensors& state) {
                  state.Set(kDense, {10, 63}, std::vector<float>(630));
                },
                "classifier.linear.weight is F32 [10,63], expected F32 [10,64]"},
        BadCase{"Rank", [](TestTensors& state) { state.map[kDense].shape = {640}; },
                "is F32 [640], expected F32 [10,64]"},
        BadCase{"Dtype", [](TestTensors& state) { state.map[kDense].dtype = Dtype::kF16; },
                "is F16 [10,64], expected F32 [10,64]"},
        BadCase{"NotANumber", [](TestTensors& state) { SetElement(state, std::nanf("")); },
                "first_conv.conv.weight F32 [8,3,3,3] holds a number that is not finite at "
                "element 5"},
        BadCase{
            "Infinite",
            [](TestTensors& state) { SetElement(state, -std::numeric_limits<float>::infinity()); },
            "not finite at element 5"}),
    [](const auto& info) { return std::string(info.param.name); });

arch::SearchSpace ResNetSpace() {
  return *arch::SearchSpace::FromTextproto(
      "name: 'resnet' input_channels: 3 num_classes: 10 resolutions { value: 32 } "
      "width_mults: [0.5, 1] width_choice: WIDTH_CHOICE_PER_STAGE "
      "stem { width: 8 activation: ACTIVATION_RELU second_width: 16 "
      "residual: STEM_RESIDUAL_OPTIONAL max_pool: true } "
      "stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: [1, 2] base_depth: 1 "
      "kernel_sizes: 3 expand_ratios: [0.25, 0.5] activation: ACTIVATION_RELU } head {}");
}

class ResNetStateDictBadTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(ResNetStateDictBadTest, NamesTheTensorAndBothShapes) {
  TestTensors state(OfaSupernetNames(ResNetSpace(), OfaRepository::kOnceForAll), &OfaName::theirs);
  ASSERT_THAT(ImportStateDict(ResNetSpace(), state.map, "f.pth"), IsOk());
  GetParam().spoil(state);

  const auto imported = ImportStateDict(ResNetSpace(), state.map, "f.pth");

  EXPECT_THAT(imported, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(imported, StatusIs(absl::StatusCode::kInvalidArgument, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Tensors, ResNetStateDictBadTest,
    ::testing::Values(
        BadCase{"Missing",
                [](TestTensors& state) { state.map.erase("blocks.0.downsample.conv.conv.weight"); },
                "f.pth: tensor blocks.0.downsample.conv.conv.weight "
                "(stage0.block0.downsample.weight) is missing; expected F32 [64,16,1,1]"},
        BadCase{"MissingStem",
                [](TestTensors& state) { state.map.erase("input_stem.1.conv.bn.bn.running_var"); },
                "input_stem.1.conv.bn.bn.running_var (stem.residual.bn.running_var) is missing; "
                "expected F32 [8]"},
        BadCase{"Transposed",
                [](TestTensors& state) {
                  state.Set("blocks.1.conv3.conv.conv.weight", {32, 64, 1, 1},
                            std::vector<float>(2048));
                },
                "blocks.1.conv3.conv.conv.weight is F32 [32,64,1,1], expected F32 [64,32,1,1]; it "
                "is transposed"},
        BadCase{"Extra",
                [](TestTensors& state) {
                  state.Set("blocks.1.downsample.conv.conv.weight", {64, 64, 1, 1},
                            std::vector<float>(4096));
                },
                "blocks.1.downsample.conv.conv.weight F32 [64,64,1,1] belongs to no layer of "
                "'resnet'"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(StateDictTest, ExportsAsStaticNetworksAreNamed) {
  const arch::SearchSpace space = Space();
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  const TestTensors tensors(OfaSubnetNames(graph, OfaRepository::kMcunet), &OfaName::ours);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const tensorfile::NamedTensors state,
                              ExportStateDict(graph, tensors.map, OfaRepository::kMcunet));

  size_t counters = 0, norms = 0;
  for (const auto& [name, tensor] : state) {
    EXPECT_FALSE(absl::StrContains(name, ".conv.conv.")) << name;
    counters += absl::EndsWith(name, ".num_batches_tracked");
    norms += absl::EndsWith(name, ".running_var");
  }
  EXPECT_EQ(state.front().first, "first_conv.conv.weight");
  EXPECT_EQ(state[6].first, "blocks.0.mobile_inverted_conv.depth_conv.conv.weight");
  EXPECT_EQ(counters, norms);
  EXPECT_EQ(state.size(), tensors.map.size() + counters);
}

TEST(StateDictTest, ExportNamesAMissingTensor) {
  const arch::SearchSpace space = Space();
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));

  EXPECT_THAT(ExportStateDict(graph, {}, OfaRepository::kOnceForAll),
              StatusIs(absl::StatusCode::kInvalidArgument, "stem.weight is missing"));
}

TEST(StateDictTest, RenumbersBlocks) {
  TestTensors state({}, &OfaName::ours);
  state.Set("first_conv.conv.weight", {1}, {1});
  state.Set("blocks.0.conv.x", {1}, {2});
  state.Set("blocks.12.conv.x", {1}, {3});
  // Of a block that does nothing.
  state.Set("blocks.5.conv.total_ops", {1}, {0});

  NIWAKI_ASSERT_OK_AND_ASSIGN(const TensorMap renumbered, RenumberBlocks(state.map, {0, 12}, "f"));

  EXPECT_EQ(renumbered.size(), 4u);
  EXPECT_EQ(renumbered.at("blocks.1.conv.x").bytes, state.map.at("blocks.12.conv.x").bytes);
  EXPECT_THAT(RenumberBlocks(state.map, {0}, "f"),
              StatusIs(absl::StatusCode::kInvalidArgument, "blocks.12.conv.x belongs to no block"));
}

}  // namespace
}  // namespace niwaki::interchange
