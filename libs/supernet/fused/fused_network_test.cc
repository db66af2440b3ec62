#include "libs/supernet/fused/fused_network.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 5;

// A subnet with recalibrated statistics: unfolded for LibTorch, folded for the kernels.
struct Case {
  c10::InferenceMode no_gradients;
  arch::SearchSpace space;
  arch::Graph graph;
  at::Tensor images;
  std::vector<OpTensors> unfolded;
  std::vector<OpTensors> folded;

  Case(const std::string& name, uint64_t seed, int64_t count) : space(*arch::CatalogueSpace(name)) {
    Random random(seed);
    arch::Subnet subnet = arch::SampleSubnet(space, random);
    subnet.genes[space.layout().resolution] = 0;
    graph = arch::BuildGraph(space, subnet);
    const SharedWeights weights = SharedWeights::Random(space, seed);
    at::manual_seed(seed);
    const arch::TensorShape& in = graph.shape(graph.input);
    images = at::randn({count, in.channels, in.height, in.width})
                 .contiguous(at::MemoryFormat::ChannelsLast);
    const auto slices = SliceWeights(weights, graph);
    const int64_t calibration = std::min<int64_t>(count, 64);
    const auto statistics = RecalibrateBatchNorm(graph, slices, {images.narrow(0, 0, calibration)},
                                                 space.batch_norm_eps());
    unfolded = WithStatistics(slices, statistics);
    folded = FoldBatchNorm(unfolded, space.batch_norm_eps());
  }

  // As the reference evaluates: batch norm on its own, LibTorch's operators.
  at::Tensor Unfolded() const {
    constexpr int64_t kBatch = 50;
    ForwardOptions options;
    options.eps = space.batch_norm_eps();
    std::vector<at::Tensor> logits;
    for (const at::Tensor& batch : images.split(kBatch)) {
      logits.push_back(Forward(graph, unfolded, batch, options));
    }
    return at::cat(logits);
  }
};

const EvalKernels& Usable() {
  const EvalKernels* kernels = UsableEvalKernels();
  EXPECT_NE(kernels, nullptr);
  return *kernels;
}

class FusedNetworkTest : public ::testing::TestWithParam<const char*> {};

TEST_P(FusedNetworkTest, LogitsAreThoseOfUnfoldedEvaluation) {
  for (uint64_t seed = kSeed; seed < kSeed + 2; ++seed) {
    const Case subnet(GetParam(), seed, 8);
    ASSERT_TRUE(FusedNetwork::Supports(subnet.graph));
    const FusedNetwork network(subnet.graph, subnet.folded, Usable());

    const at::Tensor expected = subnet.Unfolded();
    const at::Tensor logits = network.Logits(subnet.images);

    ASSERT_EQ(logits.sizes(), expected.sizes());
    const double scale = expected.abs().max().item<double>();
    EXPECT_LT((logits - expected).abs().max().item<double>(), 1e-4 * scale) << "seed " << seed;
  }
}

TEST_P(FusedNetworkTest, AnImageHasTheSameBitsInEveryBatchAndKernelSet) {
  const Case subnet(GetParam(), kSeed, 7);
  const FusedNetwork network(subnet.graph, subnet.folded, Usable());
  const FusedNetwork narrow(subnet.graph, subnet.folded, *Avx2Kernels());

  const at::Tensor together = network.Logits(subnet.images);

  EXPECT_TRUE(at::equal(together, narrow.Logits(subnet.images)));
  for (int64_t i = 0; i < subnet.images.size(0); ++i) {
    EXPECT_TRUE(at::equal(network.Logits(subnet.images.narrow(0, i, 1)), together.narrow(0, i, 1)));
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, FusedNetworkTest,
                         ::testing::Values("kws", "cifar32", "mcunet", "ofa_mbv3_w10",
                                           "ofa_proxyless_w13"));

class FusedNetworkScoreTest : public ::testing::TestWithParam<const char*> {};

// The scorer's figures on 1,000 images.
TEST_P(FusedNetworkScoreTest, LossAndTop1AreThoseOfUnfoldedEvaluation) {
  constexpr int64_t kImages = 1000;
  const Case subnet(GetParam(), kSeed, kImages);
  const FusedNetwork network(subnet.graph, subnet.folded, Usable());
  const at::Tensor expected = subnet.Unfolded();
  const at::Tensor logits = network.Logits(subnet.images);

  const at::Tensor labels = at::arange(kImages, at::kLong).remainder(expected.size(1));
  const double loss = at::cross_entropy_loss(logits, labels).item<double>();
  EXPECT_NEAR(loss, at::cross_entropy_loss(expected, labels).item<double>(), 1e-4);

  // Two classes closer than rounding may change places; there are next to none.
  const at::Tensor best = std::get<0>(expected.topk(2, 1));
  const at::Tensor distinct =
      (best.select(1, 0) - best.select(1, 1)).gt(1e-5 * expected.abs().max());
  EXPECT_GT(distinct.sum().item<int64_t>(), kImages - 5);
  const at::Tensor same = logits.argmax(1).eq(expected.argmax(1));
  EXPECT_TRUE(same.logical_or(distinct.logical_not()).all().item<bool>()) << "seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(Spaces, FusedNetworkScoreTest,
                         ::testing::Values("kws", "cifar32", "ofa_mbv3_w10"));

TEST(FusedNetworkSupportTest, RefusesGraphsThatItsKernelsCannotRun) {
  arch::Graph graph = Case("kws", kSeed, 2).graph;
  EXPECT_TRUE(FusedNetwork::Supports(graph));
  for (arch::Op& op : graph.ops) {
    if (op.kind == arch::OpKind::kDepthwiseConv2d) op.SetWindow(/*kernel_size=*/9, /*stride=*/1);
  }
  EXPECT_FALSE(FusedNetwork::Supports(graph));
}

TEST(FusedNetworkSupportTest, RefusesRectanglesAndUnevenPadding) {
  const arch::Graph graph = Case("kws", kSeed, 2).graph;
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    if (arch::FactsOf(graph.ops[i].kind).rows != arch::RowNeed::kWindow) continue;
    arch::Graph tall = graph;
    tall.ops[i].kernel_h += 2;
    arch::Graph shifted = graph;
    shifted.ops[i].padding.top += 1;
    arch::Graph strided = graph;
    strided.ops[i].stride_w += 1;
    for (const arch::Graph& other : {tall, shifted, strided}) {
      EXPECT_FALSE(FusedNetwork::Supports(other)) << "operator " << i;
    }
  }
}

TEST(FusedNetworkSupportTest, NotANumberIsNotHidden) {
  Case subnet("kws", kSeed, 2);
  subnet.images.fill_(std::numeric_limits<float>::quiet_NaN());
  const FusedNetwork network(subnet.graph, subnet.folded, Usable());

  EXPECT_TRUE(network.Logits(subnet.images).isnan().all().item<bool>());
}

}  // namespace
}  // namespace niwaki::supernet
