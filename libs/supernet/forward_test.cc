#include "libs/supernet/forward.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/supernet/scoring/switch_benchmark.h"
#include "libs/supernet/torch_guard.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 11;
constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// A space of bottlenecks that nobody has compiled in.
arch::SearchSpace Bottlenecks() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "bottlenecks" input_channels: 3 num_classes: 10 resolutions { value: 24 }
      width_mults: [0.5, 1] width_choice: WIDTH_CHOICE_PER_STAGE
      stem { width: 16 second_width: 32 residual: STEM_RESIDUAL_OPTIONAL max_pool: true
             activation: ACTIVATION_RELU }
      stages { type: BLOCK_TYPE_BOTTLENECK width: 64 depths: [1, 2] base_depth: 1 kernel_sizes: 3
               expand_ratios: [0.25, 0.5] activation: ACTIVATION_RELU }
      stages { type: BLOCK_TYPE_BOTTLENECK width: 96 stride: 2 depths: [1, 2] base_depth: 1
               kernel_sizes: 5 expand_ratios: [0.25, 0.5] })");
}

TEST(BottleneckTest, TrainingReachesEveryTensor) {
  at::manual_seed(kSeed);
  const arch::SearchSpace space = Bottlenecks();
  SharedWeights weights = SharedWeights::Random(space, kSeed);
  weights.ForEach([](const std::string&, at::Tensor& tensor, TensorUse use) {
    if (use != TensorUse::kStatistic) tensor.set_requires_grad(true);
  });
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  ForwardOptions options;
  options.mode = NormMode::kTrain;
  for (const auto format : {at::MemoryFormat::Contiguous, kChannelsLast}) {
    const at::Tensor input = at::randn({6, 3, 24, 24}).contiguous(format);

    Forward(graph, SliceWeights(weights, graph), input, options).pow(2).sum().backward();

    weights.ForEach([](const std::string& name, at::Tensor& tensor, TensorUse use) {
      if (use == TensorUse::kStatistic) return;
      ASSERT_TRUE(tensor.grad().defined()) << name;
      EXPECT_GT(tensor.grad().abs().max().item<double>(), 0) << name;
      tensor.mutable_grad() = at::Tensor();
    });
  }
}

TEST(BottleneckTest, AveragePoolingCutsOffItsLastWindow) {
  c10::InferenceMode no_gradients;
  arch::Graph graph;
  graph.tensors = {{3, 3, 1}, {2, 2, 1}};
  arch::Op pool;
  pool.kind = arch::OpKind::kAvgPool;
  pool.kernel_h = pool.kernel_w = 2;
  pool.stride_h = pool.stride_w = 2;
  pool.padding = {0, 1, 0, 1};
  pool.input = 0;
  pool.output = 1;
  graph.ops = {pool};
  graph.output = 1;

  const at::Tensor means =
      Forward(graph, std::vector<OpTensors>(1), at::arange(9.0).reshape({1, 1, 3, 3}), {});

  EXPECT_TRUE(at::equal(means, at::tensor({2.0f, 3.5f, 6.5f, 8.0f}).view({1, 4})));
}

// One operator from [2, 5, 4] with kernel 3x2, stride 2x1 and another padding on every side.
arch::Graph OddWindow(arch::OpKind kind) {
  arch::Graph graph;
  arch::Op op;
  op.kind = kind;
  op.kernel_h = 3;
  op.kernel_w = 2;
  op.stride_h = 2;
  op.stride_w = 1;
  op.padding = {2, 1, 0, 1};
  op.input = 0;
  op.output = 1;
  graph.tensors = {{5, 4, 2}};
  graph.tensors.push_back(arch::WindowOutput(graph.tensors[0], op));
  graph.ops = {op};
  graph.output = 1;
  return graph;
}

// Of the window of output (y, x) in `x` [1, 2, 5, 4]: its cells that are not padding, with their
// taps.
template <typename Visit>
void VisitWindow(int64_t y, int64_t x, const Visit& visit) {
  for (int64_t dy = 0; dy < 3; ++dy) {
    for (int64_t dx = 0; dx < 2; ++dx) {
      const int64_t row = y * 2 - 2 + dy;
      const int64_t column = x + dx;
      if (row >= 0 && row < 5 && column < 4) visit(row, column, dy, dx);
    }
  }
}

TEST(WindowTest, OddWindowsAreThoseOfTheDefinition) {
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  const at::Tensor input = at::randn({1, 2, 5, 4});
  const at::Tensor dense = at::randn({2, 2, 3, 2});
  const at::Tensor filters = at::randn({2, 1, 3, 2});
  for (const arch::OpKind kind : {arch::OpKind::kConv2d, arch::OpKind::kDepthwiseConv2d,
                                  arch::OpKind::kMaxPool, arch::OpKind::kAvgPool}) {
    const arch::Graph graph = OddWindow(kind);
    SCOPED_TRACE(std::string(arch::OpKindName(kind)));
    ASSERT_EQ(graph.tensors[1].height, 3);
    ASSERT_EQ(graph.tensors[1].width, 4);
    std::vector<OpTensors> tensors(1);
    if (kind == arch::OpKind::kConv2d) tensors[0].weight = dense;
    if (kind == arch::OpKind::kDepthwiseConv2d) tensors[0].weight = filters;

    const at::Tensor output = Forward(graph, tensors, input, {}).view({2, 3, 4});

    for (int64_t c = 0; c < 2; ++c) {
      for (int64_t y = 0; y < 3; ++y) {
        for (int64_t x = 0; x < 4; ++x) {
          double sum = 0, most = -1e9, cells = 0;
          VisitWindow(y, x, [&](int64_t row, int64_t column, int64_t dy, int64_t dx) {
            const double value = input[0][c][row][column].item<double>();
            most = std::max(most, value);
            cells += 1;
            if (kind == arch::OpKind::kConv2d) {
              for (int64_t in = 0; in < 2; ++in) {
                sum +=
                    input[0][in][row][column].item<double>() * dense[c][in][dy][dx].item<double>();
              }
            } else if (kind == arch::OpKind::kDepthwiseConv2d) {
              sum += value * filters[c][0][dy][dx].item<double>();
            } else {
              sum += value;
            }
          });
          const double expected = kind == arch::OpKind::kMaxPool   ? most
                                  : kind == arch::OpKind::kAvgPool ? sum / cells
                                                                   : sum;
          EXPECT_NEAR(output[c][y][x].item<double>(), expected, 1e-5) << c << " " << y << " " << x;
        }
      }
    }
  }
}

// Those of spaces: imported networks, which have the others, run as int8.
TEST(WindowTest, EveryKindOfOperatorRuns) {
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  for (const arch::OpFacts& facts : arch::kOpFacts) {
    if (facts.kind > arch::OpKind::kAvgPool) break;
    SCOPED_TRACE(std::string(facts.name));
    const bool windowed = facts.rows == arch::RowNeed::kWindow;
    const bool single = facts.weight == arch::WeightForm::kMatrix;
    arch::Graph graph;
    const int side = single ? 1 : 4;
    graph.tensors = {{side, side, 8}, {side, side, 8}};
    arch::Op op;
    op.kind = facts.kind;
    op.input = 0;
    if (facts.inputs == 2) op.second_input = 0;
    op.output = 1;
    if (windowed) op.SetWindow(/*kernel_size=*/3, /*stride=*/1);
    if (facts.rows == arch::RowNeed::kAll) graph.tensors[1] = {1, 1, 8};
    graph.ops = {op};
    graph.output = 1;
    std::vector<OpTensors> tensors(1);
    const std::vector<int64_t> shape = arch::WeightShape(graph, op);
    if (!shape.empty()) tensors[0].weight = at::randn(shape);

    const at::Tensor output = Forward(graph, tensors, at::randn({2, 8, side, side}), {});

    EXPECT_EQ(output.numel(), 2 * graph.shape(graph.output).elements());
    EXPECT_TRUE(output.isfinite().all().item<bool>());
  }
}

// Beside slices there are only the kernels after their matrices, a few per cent of the weights.
TEST(SwitchTest, NothingGrowsWithTheSupernet) {
  constexpr int kSubnets = 20;

  const SwitchFigures matrices = *MeasureCatalogueSwitch("ofa_mbv3_w10", kSubnets, kSeed);
  const SwitchFigures slices = *MeasureCatalogueSwitch("mcunet_mix", kSubnets, kSeed);

  EXPECT_LT(matrices.most_new_bytes, matrices.supernet_bytes / 20);
  EXPECT_EQ(slices.most_new_bytes, 0);
}

TEST(ForwardTest, TrainingMovesRunningStatisticsOfTheSlice) {
  at::manual_seed(kSeed);
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  SharedWeights weights = SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  ForwardOptions options;
  options.mode = NormMode::kTrain;

  Forward(graph, SliceWeights(weights, graph), at::randn({4, 1, 25, 40}), options);

  const LayerWeights& stem = weights.layer({arch::WeightRole::kStem, -1, -1});
  EXPECT_GT(Distance(stem.norm_mean.narrow(0, 0, 8), at::zeros({8})), 0);
  EXPECT_EQ(Distance(stem.norm_mean.narrow(0, 8, 8), at::zeros({8})), 0);
}

// One operator from tensor 0 to tensor 1.
arch::Graph OneOp(arch::Op op, const arch::TensorShape& in, const arch::TensorShape& out) {
  arch::Graph graph;
  graph.tensors = {in, out};
  op.input = 0;
  op.output = 1;
  graph.ops = {op};
  graph.output = 1;
  return graph;
}

// Convolution and batch norm make 2 x - 6: -8, -4, -2, 0, 4 and 8.
TEST(ForwardTest, ActivationsFollowBatchNorm) {
  c10::InferenceMode no_gradients;
  const at::Tensor input = at::tensor({-1.0f, 1.0f, 2.0f, 3.0f, 5.0f, 7.0f}).view({1, 1, 2, 3});
  OpTensors tensors;
  tensors.weight = at::full({1, 1, 1, 1}, 4.0f);
  tensors.norm_weight = at::full({1}, 3.0f);
  tensors.norm_bias = at::full({1}, 2.0f);
  tensors.norm_mean = at::full({1}, 16.0f);
  // With eps: 36.
  tensors.norm_var = at::full({1}, 35.0f);
  ForwardOptions options;
  options.eps = 1;
  const auto activated = [&](arch::OpActivation activation) {
    arch::Op op;
    op.kind = arch::OpKind::kConv2d;
    op.SetWindow(1, 1);
    op.activation = activation;
    return Forward(OneOp(op, {2, 3, 1}, {2, 3, 1}), {tensors}, input, options);
  };
  const auto is = [](const at::Tensor& actual, const std::vector<float>& expected) {
    return Distance(actual, at::tensor(expected).view({1, 6})) < 1e-5;
  };

  EXPECT_TRUE(is(activated(arch::OpActivation::kNone), {-8, -4, -2, 0, 4, 8}));
  EXPECT_TRUE(is(activated(arch::OpActivation::kRelu), {0, 0, 0, 0, 4, 8}));
  EXPECT_TRUE(is(activated(arch::OpActivation::kRelu6), {0, 0, 0, 0, 4, 6}));
  EXPECT_TRUE(is(activated(arch::OpActivation::kHardSwish), {0, 0, -1.0f / 3, 0, 4, 8}));
  EXPECT_TRUE(is(activated(arch::OpActivation::kHardSigmoid), {0, 0, 1.0f / 6, 0.5f, 1, 1}));
}

TEST(ForwardTest, TrainingMovesStatisticsByItsMomentum) {
  at::Tensor input = at::tensor({1.0f, 3.0f, 5.0f, 7.0f}).view({1, 1, 2, 2});
  OpTensors tensors;
  tensors.weight = at::ones({1, 1, 1, 1});
  tensors.norm_weight = at::ones({1});
  tensors.norm_bias = at::zeros({1});
  tensors.norm_mean = at::full({1}, 2.0f);
  tensors.norm_var = at::full({1}, 10.0f);
  arch::Op op;
  op.kind = arch::OpKind::kConv2d;
  op.SetWindow(1, 1);
  ForwardOptions options;
  options.mode = NormMode::kTrain;
  options.momentum = 0.25;

  Forward(OneOp(op, {2, 2, 1}, {2, 2, 1}), {tensors}, input, options);

  // Mean 4; squares 20 over three.
  EXPECT_NEAR(tensors.norm_mean.item<double>(), 0.75 * 2 + 0.25 * 4, 1e-6);
  EXPECT_NEAR(tensors.norm_var.item<double>(), 0.75 * 10 + 0.25 * 20 / 3, 1e-5);
}

TEST(SliceTest, SmallKernelsAreCentresTimesTheirMatrices) {
  c10::InferenceMode no_gradients;
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(R"(
      name: "kernels" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      kernel_transform: KERNEL_TRANSFORM_MATRIX stem { width: 8 }
      stages { width: 8 depths: 1 kernel_sizes: [3, 5, 7] expand_ratios: 2 } head {})");
  SharedWeights weights = SharedWeights::Random(space, kSeed);
  LayerWeights& layer = weights.layer({arch::WeightRole::kDepthwise, 0, 0});
  // 7 to 5 doubles, 5 to 3 turns the nine round.
  layer.matrix_7to5.mul_(2);
  layer.matrix_5to3.copy_(at::eye(9).flip({0}));
  const auto kernel_of = [&](const arch::Subnet& subnet) {
    const arch::Graph graph = arch::BuildGraph(space, subnet);
    const auto slices = SliceWeights(weights, graph);
    for (size_t i = 0; i < graph.ops.size(); ++i) {
      if (graph.ops[i].kind == arch::OpKind::kDepthwiseConv2d) return slices[i].weight;
    }
    return at::Tensor();
  };
  arch::Subnet middle = arch::MaxSubnet(space);
  middle.genes[space.layout().kernel_sizes] = 1;

  const at::Tensor full = layer.weight;
  const at::Tensor centre = full.narrow(2, 2, 3).narrow(3, 2, 3);

  EXPECT_TRUE(at::equal(kernel_of(arch::MaxSubnet(space)), full));
  EXPECT_TRUE(at::equal(kernel_of(middle), full.narrow(2, 1, 5).narrow(3, 1, 5) * 2));
  EXPECT_TRUE(at::equal(kernel_of(arch::MinSubnet(space)), centre.flip({2, 3}) * 2));
}

TEST(TorchGuardTest, MapsExceptionsToStatuses) {
  EXPECT_THAT(GuardTorch("ones", [] { return at::ones({2}).sum().item<float>(); }),
              IsOkAndHolds(2.0f));
  EXPECT_THAT(GuardTorch("multiply",
                         [] {
                           at::matmul(at::ones({2, 3}), at::ones({2, 3}));
                         }),
              StatusIs(absl::StatusCode::kInternal, "multiply: "));
  EXPECT_THAT(GuardTorch("huge", [] { return at::empty({int64_t{1} << 50}); }),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kOutOfMemory));
  EXPECT_THAT(GuardTorch("host", []() -> absl::Status { throw std::bad_alloc(); }),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kOutOfMemory));
}

}  // namespace
}  // namespace niwaki::supernet
