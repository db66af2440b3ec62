#include "libs/arch/graph.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

using ::testing::ElementsAre;

// A space with one input size, stem 16, and the given rest.
SearchSpace MakeSpace(const std::string& rest, const std::string& width_mults = "1") {
  auto space = SearchSpace::FromTextproto(
      absl::StrCat("name: 't' input_channels: 3 num_classes: 10 resolutions { value: 9 } "
                   "width_mults: [",
                   width_mults, "] stem { width: 16 } ", rest));
  EXPECT_THAT(space, IsOk());
  return *std::move(space);
}

std::vector<OpKind> KindsOf(const Graph& graph) {
  std::vector<OpKind> kinds;
  for (const Op& op : graph.ops) kinds.push_back(op.kind);
  return kinds;
}

std::vector<std::string> WeightNamesOf(const Graph& graph) {
  std::vector<std::string> names;
  for (const Weight& weight : graph.weights) names.push_back(WeightName(weight));
  return names;
}

int CountKind(const Graph& graph, OpKind kind) {
  return std::count_if(graph.ops.begin(), graph.ops.end(),
                       [kind](const Op& op) { return op.kind == kind; });
}

TEST(GraphTest, BlockExpandsFiltersAndProjects) {
  const SearchSpace space =
      MakeSpace("stages { width: 24 stride: 2 depths: 2 kernel_sizes: 5 expand_ratios: 3 }");

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  EXPECT_THAT(KindsOf(graph),
              ElementsAre(OpKind::kConv2d, OpKind::kConv2d, OpKind::kDepthwiseConv2d,
                          OpKind::kConv2d, OpKind::kConv2d, OpKind::kDepthwiseConv2d,
                          OpKind::kConv2d, OpKind::kAdd, OpKind::kGlobalAvgPool, OpKind::kLinear));
  EXPECT_THAT(WeightNamesOf(graph),
              ElementsAre("stem", "stage0.block0.expand", "stage0.block0.depthwise",
                          "stage0.block0.project", "stage0.block1.expand",
                          "stage0.block1.depthwise", "stage0.block1.project", "classifier"));
  EXPECT_EQ(graph.shape(graph.ops[0].output).height, 5);
  const Op& depthwise = graph.ops[2];
  EXPECT_EQ(graph.shape(depthwise.output).height, 3);
  EXPECT_EQ(graph.shape(depthwise.output).channels, 48);
  EXPECT_EQ(depthwise.stride_h, 2);
  EXPECT_EQ(graph.ops[5].stride_h, 1);
  EXPECT_EQ(graph.ops[3].activation, OpActivation::kNone);
  const Op& add = graph.ops[7];
  EXPECT_EQ(add.second_input, graph.ops[3].output);
  EXPECT_EQ(graph.shape(graph.output).channels, 10);
}

TEST(GraphTest, CountsAreTheSumsByHand) {
  const SearchSpace space =
      MakeSpace("stages { width: 24 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 3 }");

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  // Stem 5x5 outputs, expansion, 5x5 filters at 3x3 outputs, projection, classifier.
  EXPECT_EQ(CountMacs(graph), 25 * 27 * 16 + 25 * 16 * 48 + 9 * 25 * 48 + 9 * 48 * 24 + 24 * 10);
  EXPECT_EQ(CountParams(graph),
            (27 * 16 + 32) + (16 * 48 + 96) + (25 * 48 + 96) + (48 * 24 + 48) + (24 * 10 + 10));
}

constexpr char kBottlenecks[] =
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 32 stride: 2 depths: 2 kernel_sizes: 3 "
    "expand_ratios: 0.25 activation: ACTIVATION_RELU }";

TEST(GraphTest, BottleneckAddsAPooledProjectionThenItsInput) {
  const SearchSpace space = MakeSpace(kBottlenecks);

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  EXPECT_THAT(
      KindsOf(graph),
      ElementsAre(OpKind::kConv2d, OpKind::kConv2d, OpKind::kConv2d, OpKind::kConv2d,
                  OpKind::kAvgPool, OpKind::kConv2d, OpKind::kAdd, OpKind::kConv2d, OpKind::kConv2d,
                  OpKind::kConv2d, OpKind::kAdd, OpKind::kGlobalAvgPool, OpKind::kLinear));
  EXPECT_THAT(
      WeightNamesOf(graph),
      ElementsAre("stem", "stage0.block0.reduce", "stage0.block0.spatial", "stage0.block0.restore",
                  "stage0.block0.downsample", "stage0.block1.reduce", "stage0.block1.spatial",
                  "stage0.block1.restore", "classifier"));
  const Op& pool = graph.ops[4];
  EXPECT_EQ(pool.input, graph.ops[0].output);
  EXPECT_EQ(graph.shape(pool.output).height, 3);
  EXPECT_EQ(graph.shape(pool.output).channels, 16);
  const Op& first = graph.ops[6];
  EXPECT_EQ(first.input, graph.ops[3].output);
  EXPECT_EQ(first.second_input, graph.ops[5].output);
  EXPECT_EQ(first.activation, OpActivation::kRelu);
  EXPECT_EQ(graph.ops[3].activation, OpActivation::kNone);
  EXPECT_EQ(graph.ops[10].second_input, first.output);
  // Stem; reduction at 5x5, then 3x3; pooled shortcut; the second block; classifier.
  EXPECT_EQ(CountMacs(graph), 25 * 27 * 16 + (25 * 16 * 8 + 9 * 72 * 8 + 9 * 8 * 32) + 9 * 16 * 32 +
                                  (9 * 32 * 8 + 9 * 72 * 8 + 9 * 8 * 32) + 32 * 10);
}

TEST(GraphTest, BottleneckOfEqualShapesNeedsNoProjection) {
  const SearchSpace space = MakeSpace(
      "stages { type: BLOCK_TYPE_BOTTLENECK width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 "
      "}");

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  EXPECT_EQ(CountKind(graph, OpKind::kConv2d), 4);
  EXPECT_EQ(graph.ops[4].second_input, graph.ops[0].output);
}

TEST(GraphTest, ResNetHasTheReferencesSizes) {
  const SearchSpace space = *CatalogueSpace("ofa_resnet50");

  const Graph most = BuildGraph(space, MaxSubnet(space));
  const Graph least = BuildGraph(space, MinSubnet(space));

  EXPECT_EQ(CountParams(most), 48105992);
  EXPECT_EQ(CountParams(least), 6539280);
  EXPECT_EQ(CountKind(most, OpKind::kAdd), 19);
  EXPECT_EQ(CountKind(least, OpKind::kAdd), 10);
  EXPECT_EQ(CountKind(least, OpKind::kMaxPool), 1);
  EXPECT_EQ(CountKind(least, OpKind::kAvgPool), 3);
}

TEST(GraphTest, MobileNetV3HasTheReferencesSizes) {
  const SearchSpace space = *CatalogueSpace("ofa_mbv3_w10");
  const auto millions_of_macs = [&space](Subnet subnet, bool large_images) {
    subnet.genes[space.layout().resolution] = large_images ? space.resolutions().size() - 1 : 0;
    return static_cast<double>(CountMacs(BuildGraph(space, subnet))) / 1e6;
  };

  EXPECT_EQ(CountParams(BuildGraph(space, MaxSubnet(space))), 7664760);
  EXPECT_EQ(CountParams(BuildGraph(space, MinSubnet(space))), 3410792);
  EXPECT_NEAR(millions_of_macs(MinSubnet(space), true), 121.28, 0.005);
  EXPECT_NEAR(millions_of_macs(MaxSubnet(space), true), 566.17, 0.005);
  EXPECT_NEAR(millions_of_macs(MinSubnet(space), false), 41.48, 0.005);
  EXPECT_NEAR(millions_of_macs(MaxSubnet(space), false), 188.25, 0.005);
}

TEST(GraphTest, StagesChooseTheirWidths) {
  const SearchSpace space = *CatalogueSpace("ofa_resnet50");
  Subnet subnet = MaxSubnet(space);
  subnet.genes[space.layout().widths[1]] = 0;
  subnet.genes[space.layout().widths[3]] = 1;

  const Graph graph = BuildGraph(space, subnet);

  const auto channels_of = [&](const std::string& name) {
    for (const Op& op : graph.ops) {
      if (op.weight >= 0 && WeightName(graph.weights[op.weight]) == name) {
        return graph.shape(op.output).channels;
      }
    }
    return 0;
  };
  EXPECT_EQ(channels_of("stem.residual"), 32);
  EXPECT_EQ(channels_of("stem.second"), 40);
  EXPECT_EQ(channels_of("stage0.block3.restore"), 256);
  EXPECT_EQ(channels_of("stage1.block0.downsample"), 408);
  EXPECT_EQ(channels_of("stage1.block0.spatial"), 144);
  EXPECT_EQ(channels_of("stage2.block0.restore"), 1024);
}

TEST(GraphTest, RatioOneHasNoExpansionWhereItIsTheOnlyOne) {
  const SearchSpace only = MakeSpace(
      "stages { width: 16 depths: 1 kernel_sizes: 3 "
      "expand_ratios: 1 }");
  const SearchSpace among = MakeSpace(
      "stages { width: 16 depths: 1 kernel_sizes: 3 "
      "expand_ratios: [1, 3] }");

  EXPECT_EQ(CountKind(BuildGraph(only, MinSubnet(only)), OpKind::kConv2d), 2);
  EXPECT_EQ(CountKind(BuildGraph(among, MinSubnet(among)), OpKind::kConv2d), 3);
}

TEST(GraphTest, SqueezeExciteGatesTheDepthwiseOutput) {
  const SearchSpace space = MakeSpace(
      "stages { width: 24 depths: 1 kernel_sizes: 3 expand_ratios: 6 squeeze_excite: true "
      "activation: ACTIVATION_HARD_SWISH }");

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  EXPECT_THAT(KindsOf(graph),
              ElementsAre(OpKind::kConv2d, OpKind::kConv2d, OpKind::kDepthwiseConv2d,
                          OpKind::kGlobalAvgPool, OpKind::kConv2d, OpKind::kConv2d, OpKind::kMul,
                          OpKind::kConv2d, OpKind::kGlobalAvgPool, OpKind::kLinear));
  const Op& reduce = graph.ops[4];
  const Op& expand = graph.ops[5];
  const Op& scale = graph.ops[6];
  EXPECT_EQ(graph.shape(reduce.output).channels, 24);
  EXPECT_EQ(reduce.activation, OpActivation::kRelu);
  EXPECT_TRUE(reduce.bias);
  EXPECT_FALSE(reduce.batch_norm);
  EXPECT_EQ(expand.activation, OpActivation::kHardSigmoid);
  EXPECT_EQ(graph.shape(expand.output).channels, 96);
  EXPECT_EQ(scale.input, graph.ops[2].output);
  EXPECT_EQ(scale.second_input, expand.output);
  EXPECT_EQ(graph.ops[7].input, scale.output);
  EXPECT_EQ(ParamsOf(graph, reduce), 96 * 24 + 24);
}

TEST(GraphTest, ShortcutNeedsEqualWidthsAtEveryMultiplier) {
  const std::string stage = "stages { width: 20 depths: 1 kernel_sizes: 3 expand_ratios: 3 } ";
  // 16 and 20 both become 8 at 0.25, but 16 and 24 at 1.
  const SearchSpace quarter = MakeSpace(stage, "0.25");
  const SearchSpace both = MakeSpace(stage, "0.25, 1");

  EXPECT_EQ(CountKind(BuildGraph(quarter, MinSubnet(quarter)), OpKind::kAdd), 1);
  EXPECT_EQ(CountKind(BuildGraph(both, MinSubnet(both)), OpKind::kAdd), 0);
}

TEST(GraphTest, ShortcutCanBeSwitchedOff) {
  const std::string stage = "stages { width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 1 ";
  const SearchSpace with = MakeSpace(stage + "}");
  const SearchSpace without = MakeSpace(stage + "no_shortcut: true }");

  EXPECT_EQ(CountKind(BuildGraph(with, MaxSubnet(with)), OpKind::kAdd), 1);
  EXPECT_EQ(CountKind(BuildGraph(without, MaxSubnet(without)), OpKind::kAdd), 0);
}

constexpr char kStage[] = "stages { width: 24 depths: 1 kernel_sizes: 3 expand_ratios: 1 } ";

TEST(GraphTest, MixLayerStandsBeforeThePool) {
  const SearchSpace space =
      MakeSpace(absl::StrCat(kStage, "head { feature_mix_width: 64 }"), "0.5, 2");

  const Graph graph = BuildGraph(space, MinSubnet(space));

  const Op& mix = graph.ops[graph.ops.size() - 3];
  EXPECT_EQ(WeightName(graph.weights[mix.weight]), "head.feature_mix");
  EXPECT_TRUE(mix.batch_norm);
  EXPECT_EQ(graph.shape(mix.output).channels, 32);
  EXPECT_EQ(graph.ops[graph.ops.size() - 2].kind, OpKind::kGlobalAvgPool);
}

TEST(GraphTest, MixLayerMayScaleOnlyUp) {
  const SearchSpace space = MakeSpace(
      absl::StrCat(kStage, "head { feature_mix_width: 64 scale_feature_mix_only_up: true }"),
      "0.5, 2");

  EXPECT_EQ(BuildGraph(space, MinSubnet(space)).tensors.rbegin()[1].channels, 64);
  EXPECT_EQ(BuildGraph(space, MaxSubnet(space)).tensors.rbegin()[1].channels, 128);
}

TEST(GraphTest, MobileNetV3HeadMixesAfterThePool) {
  const SearchSpace space = MakeSpace(absl::StrCat(
      kStage,
      "head { final_expand_width: 48 feature_mix_width: 64 feature_mix_after_pool: true "
      "activation: ACTIVATION_HARD_SWISH }"));

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  const size_t n = graph.ops.size();
  EXPECT_EQ(WeightName(graph.weights[graph.ops[n - 4].weight]), "head.final_expand");
  EXPECT_TRUE(graph.ops[n - 4].batch_norm);
  EXPECT_EQ(graph.ops[n - 3].kind, OpKind::kGlobalAvgPool);
  const Op& mix = graph.ops[n - 2];
  EXPECT_EQ(mix.activation, OpActivation::kHardSwish);
  EXPECT_FALSE(mix.batch_norm);
  EXPECT_FALSE(mix.bias);
  EXPECT_EQ(MacsOf(graph, mix), 48 * 64);
  EXPECT_TRUE(graph.ops[n - 1].bias);
}

// Every tensor is written once before it is read, operands of kAdd and kMul agree, and depthwise
// keeps its channels.
TEST(GraphTest, GraphsAreWellFormed) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  for (const std::string& name : CatalogueNames()) {
    const SearchSpace space = *CatalogueSpace(name);
    for (int i = 0; i < 200; ++i) {
      const Graph graph = BuildGraph(space, SampleSubnet(space, random));
      ASSERT_EQ(graph.tensors.size(), graph.ops.size() + 1) << name << " seed " << kSeed;
      for (size_t k = 0; k < graph.ops.size(); ++k) {
        const Op& op = graph.ops[k];
        const TensorShape& in = graph.shape(op.input);
        const TensorShape& out = graph.shape(op.output);
        ASSERT_EQ(op.output, static_cast<TensorId>(k + 1));
        ASSERT_LT(op.input, op.output);
        ASSERT_LT(op.second_input, op.output);
        ASSERT_EQ(op.second_input >= 0, op.kind == OpKind::kAdd || op.kind == OpKind::kMul);
        if (op.kind == OpKind::kDepthwiseConv2d) {
          ASSERT_EQ(in.channels, out.channels);
        }
        if (op.kind == OpKind::kAdd) {
          ASSERT_EQ(graph.shape(op.second_input).elements(), in.elements());
        }
      }
    }
  }
}

TEST(GraphTest, RebuiltGraphIsTheSame) {
  const SearchSpace space = *CatalogueSpace("ofa_mbv3_w10");
  Random random(11);
  Graph reused = BuildGraph(space, MaxSubnet(space));
  const TensorShape* const memory = reused.tensors.data();
  for (int i = 0; i < 200; ++i) {
    const Subnet subnet = SampleSubnet(space, random);

    BuildGraphInto(space, subnet, reused);

    const Graph fresh = BuildGraph(space, subnet);
    EXPECT_EQ(reused.ops.size(), fresh.ops.size());
    EXPECT_EQ(CountMacs(reused), CountMacs(fresh));
    EXPECT_EQ(CountParams(reused), CountParams(fresh));
    EXPECT_EQ(reused.tensors.data(), memory);
  }
}

// Sums of the largest network that the limits of a space allow.
TEST(GraphTest, LargestSpaceDoesNotOverflow) {
  std::string text =
      "name: 'huge' input_channels: 1024 num_classes: 100000 resolutions { value: 4096 } "
      "stem { width: 4096 kernel_size: 7 stride: 1 } width_mults: 2 ";
  for (int i = 0; i < 32; ++i) {
    text += "stages { width: 4096 depths: 16 kernel_sizes: 7 expand_ratios: 4 } ";
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(text));

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  double macs = 0;
  for (const Op& op : graph.ops) macs += static_cast<double>(MacsOf(graph, op));
  EXPECT_NEAR(static_cast<double>(CountMacs(graph)) / macs, 1, 1e-9);
}

TEST(GraphTest, LargestBottlenecksDoNotOverflow) {
  std::string text =
      "name: 'huge' input_channels: 1024 num_classes: 100000 resolutions { value: 4096 } "
      "stem { width: 4096 kernel_size: 7 stride: 1 second_width: 4096 "
      "residual: STEM_RESIDUAL_ALWAYS } width_mults: 2 ";
  for (int i = 0; i < 32; ++i) {
    text +=
        "stages { type: BLOCK_TYPE_BOTTLENECK width: 4096 depths: 16 kernel_sizes: 7 "
        "expand_ratios: 0.5 } ";
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, SearchSpace::FromTextproto(text));

  const Graph graph = BuildGraph(space, MaxSubnet(space));

  double macs = 0;
  for (const Op& op : graph.ops) macs += static_cast<double>(MacsOf(graph, op));
  EXPECT_NEAR(static_cast<double>(CountMacs(graph)) / macs, 1, 1e-9);
}

// A convolution of DS-CNN's stem: 10x4 with strides 2 and 2 over 49x10, padded so that it covers
// all of it.
Graph RectangularGraph() {
  Graph graph;
  graph.tensors = {{49, 10, 1}, {25, 5, 64}};
  Op op;
  op.kernel_h = 10;
  op.kernel_w = 4;
  op.stride_h = 2;
  op.stride_w = 2;
  op.padding = {4, 5, 1, 1};
  op.bias = true;
  op.weight = 0;
  op.input = 0;
  op.output = 1;
  graph.ops = {op};
  graph.weights = {{WeightRole::kStem, -1, -1}};
  graph.output = 1;
  return graph;
}

TEST(WindowTest, RectangularKernelHasItsShapeAndCounts) {
  const Graph graph = RectangularGraph();
  const Op& op = graph.ops[0];

  const TensorShape out = WindowOutput(graph.shape(0), op);

  EXPECT_EQ(out.height, 25);
  EXPECT_EQ(out.width, 5);
  EXPECT_EQ(MacsOf(graph, op), 25 * 5 * 64 * 10 * 4);
  EXPECT_EQ(ParamsOf(graph, op), 64 * (10 * 4 + 1));
  EXPECT_THAT(WeightShape(graph, op), ElementsAre(64, 1, 10, 4));
  EXPECT_FALSE(HasUsualWindow(graph, op));
}

TEST(WindowTest, StridesOfBothAxesCount) {
  Op op;
  op.kernel_h = 3;
  op.kernel_w = 1;
  op.stride_h = 1;
  op.stride_w = 3;
  op.padding = {2, 0, 0, 1};

  const TensorShape out = WindowOutput({7, 12, 8}, op);

  EXPECT_EQ(out.height, 7);
  EXPECT_EQ(out.width, 5);
  EXPECT_EQ(out.channels, 8);
}

TEST(WindowTest, RowsOfTheInputFollowKernelStrideAndPadding) {
  const Graph graph = RectangularGraph();
  struct Case {
    RowRange output, input;
  };
  const Case cases[] = {
      // Rows -4 to 5 of the padded input.
      {{0, 1}, {0, 6}},
      // Rows 16 to 27 for two rows of the output.
      {{10, 12}, {16, 28}},
      // Rows 44 to 53; the last of the input is 48.
      {{24, 25}, {44, 49}},
      {{0, 25}, {0, 49}},
  };

  for (const Case& rows : cases) {
    const RowRange input = InputRows(graph, graph.ops[0], rows.output);
    EXPECT_EQ(input.begin, rows.input.begin) << rows.output.begin;
    EXPECT_EQ(input.end, rows.input.end) << rows.output.end;
  }
}

TEST(WindowTest, RowsThatSeeOnlyPaddingNeedNone) {
  Graph graph = RectangularGraph();
  graph.ops[0].padding.top = 20;

  const RowRange input = InputRows(graph, graph.ops[0], {0, 2});

  EXPECT_EQ(input.begin, input.end);
}

TEST(WindowTest, OperatorsWithoutWindowsNeedTheSameRowsOrAll) {
  Graph graph;
  graph.tensors = {{6, 6, 8}, {6, 6, 8}};
  Op op;
  op.input = 0;
  op.second_input = 0;
  op.output = 1;
  op.kind = OpKind::kAdd;
  EXPECT_EQ(InputRows(graph, op, {2, 4}).begin, 2);
  EXPECT_EQ(InputRows(graph, op, {2, 4}).end, 4);

  op.kind = OpKind::kGlobalAvgPool;
  EXPECT_EQ(InputRows(graph, op, {0, 1}).begin, 0);
  EXPECT_EQ(InputRows(graph, op, {0, 1}).end, 6);
}

// Along one axis: output `o` reads input `i` where a tap of the kernel lies there.
TEST(WindowTest, RowsAreThoseThatSomeTapReads) {
  constexpr uint64_t kSeed = 31;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  for (int trial = 0; trial < 300; ++trial) {
    const auto draw = [&random](int low, int high) {
      return low + static_cast<int>(random.Uniform(high - low + 1));
    };
    Op op;
    op.kernel_h = static_cast<uint16_t>(draw(1, 7));
    op.stride_h = static_cast<uint16_t>(draw(1, 3));
    op.padding.top = static_cast<uint8_t>(draw(0, op.kernel_h - 1));
    op.padding.bottom = static_cast<uint8_t>(draw(0, op.kernel_h - 1));
    op.input = 0;
    op.output = 1;
    Graph graph;
    const int height = draw(op.kernel_h, 20);
    graph.tensors = {{height, 1, 1}};
    graph.tensors.push_back(WindowOutput(graph.tensors[0], op));
    for (int row = 0; row < graph.tensors[1].height; ++row) {
      int first = height, last = -1;
      for (int tap = 0; tap < op.kernel_h; ++tap) {
        const int read = row * op.stride_h - op.padding.top + tap;
        if (read < 0 || read >= height) continue;
        first = std::min(first, read);
        last = std::max(last, read);
      }
      const RowRange input = InputRows(graph, op, {row, row + 1});
      ASSERT_EQ(input.begin, first) << trial;
      ASSERT_EQ(input.end, last + 1) << trial;
    }
  }
}

TEST(WindowTest, NetworksOfSpacesHaveUsualWindowsOnly) {
  for (const std::string& name : CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(name));
    const Graph graph = BuildGraph(space, MaxSubnet(space));
    for (const Op& op : graph.ops) {
      EXPECT_TRUE(HasUsualWindow(graph, op)) << name;
      if (FactsOf(op.kind).rows != RowNeed::kWindow) continue;
      const TensorShape out = WindowOutput(graph.shape(op.input), op);
      EXPECT_EQ(out.height, graph.shape(op.output).height) << name;
      EXPECT_EQ(out.width, graph.shape(op.output).width) << name;
    }
  }
}

}  // namespace
}  // namespace niwaki::arch
