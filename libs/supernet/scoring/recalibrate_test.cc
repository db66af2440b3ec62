#include "libs/supernet/scoring/recalibrate.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <vector>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kSeed = 12;

double Distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// A convolution that doubles one channel, with batch norm.
struct Doubling {
  arch::Graph graph;
  std::vector<OpTensors> tensors = std::vector<OpTensors>(1);

  Doubling() {
    arch::Op op;
    op.kind = arch::OpKind::kConv2d;
    op.SetWindow(1, 1);
    op.input = 0;
    op.output = 1;
    graph.tensors = {{1, 2, 1}, {1, 2, 1}};
    graph.ops = {op};
    graph.output = 1;
    tensors[0].weight = at::full({1, 1, 1, 1}, 2.0f);
    tensors[0].norm_weight = at::full({1}, 3.0f);
    tensors[0].norm_bias = at::full({1}, 1.0f);
    tensors[0].norm_mean = at::full({1}, 5.0f);
    tensors[0].norm_var = at::full({1}, 7.0f);
  }
};

at::Tensor Images(const std::vector<float>& values) {
  return at::tensor(values).view({-1, 1, 1, 2});
}

TEST(RecalibrateTest, BatchesReportTheirMeanAndBiasedVariance) {
  const Doubling net;

  const BatchContribution batch =
      ObserveBatch(net.graph, net.tensors, Images({1, 3, 5, 7}), /*eps=*/1e-5);

  // Of 2, 6, 10 and 14.
  EXPECT_EQ(batch.images, 2);
  EXPECT_NEAR(batch.statistics.mean[0].item<double>(), 8, 1e-5);
  EXPECT_NEAR(batch.statistics.variance[0].item<double>(), 20, 1e-4);
  // The stored ones are not written.
  EXPECT_EQ(net.tensors[0].norm_mean.item<float>(), 5);
  EXPECT_EQ(net.tensors[0].norm_var.item<float>(), 7);
}

TEST(RecalibrateTest, BatchesAreWeighedByTheirImages) {
  const Doubling net;
  // Means 4 and 20, variances 4 and 0.
  const std::vector<at::Tensor> batches = {Images({1, 3, 1, 3, 1, 3}), Images({10, 10})};

  const BatchNormStatistics statistics =
      RecalibrateBatchNorm(net.graph, net.tensors, batches, /*eps=*/1e-5);

  EXPECT_NEAR(statistics.mean[0].item<double>(), (3 * 4 + 20) / 4.0, 1e-5);
  EXPECT_NEAR(statistics.variance[0].item<double>(), 3.0, 1e-4);
}

TEST(RecalibrateTest, OperatorsWithoutNormHaveNoStatistics) {
  Doubling net;
  net.tensors[0].norm_weight = at::Tensor();

  const BatchNormStatistics statistics =
      RecalibrateBatchNorm(net.graph, net.tensors, {Images({1, 3})}, 1e-5);

  EXPECT_FALSE(statistics.mean[0].defined());
}

TEST(RecalibrateTest, StatisticsReplaceTheStoredOnes) {
  const Doubling net;
  BatchNormStatistics statistics;
  statistics.mean = {at::full({1}, 8, at::kDouble)};
  statistics.variance = {at::full({1}, 20, at::kDouble)};

  const std::vector<OpTensors> replaced = WithStatistics(net.tensors, statistics);

  EXPECT_EQ(replaced[0].norm_mean.item<float>(), 8);
  EXPECT_EQ(replaced[0].norm_var.item<float>(), 20);
  EXPECT_EQ(replaced[0].norm_mean.scalar_type(), at::kFloat);
  EXPECT_EQ(net.tensors[0].norm_mean.item<float>(), 5);
}

TEST(RecalibrateTest, FoldingScalesWeightAndShiftsBias) {
  Doubling net;
  net.tensors[0].norm_var = at::full({1}, 35.0f);
  net.tensors[0].bias = at::full({1}, 10.0f);

  const std::vector<OpTensors> folded = FoldBatchNorm(net.tensors, /*eps=*/1);

  // Scale 3 / sqrt(36); 2 * 0.5; 1 - 5 * 0.5 + 10 * 0.5.
  EXPECT_FLOAT_EQ(folded[0].weight.item<float>(), 1);
  EXPECT_FLOAT_EQ(folded[0].bias.item<float>(), 3.5);
  EXPECT_FALSE(folded[0].norm_weight.defined());
  EXPECT_FALSE(folded[0].norm_mean.defined());
}

TEST(RecalibrateTest, FoldedNetworksComputeTheSame) {
  c10::InferenceMode no_gradients;
  at::manual_seed(kSeed);
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  const SharedWeights weights = SharedWeights::Random(space, kSeed);
  const arch::Graph graph = arch::BuildGraph(space, arch::MinSubnet(space));
  const at::Tensor input = at::randn({4, 1, 25, 40});
  ForwardOptions options;
  options.eps = space.batch_norm_eps();
  const auto slices = SliceWeights(weights, graph);
  const auto own =
      WithStatistics(slices, RecalibrateBatchNorm(graph, slices, {input}, options.eps));

  const at::Tensor folded = Forward(graph, FoldBatchNorm(own, options.eps), input, options);

  const at::Tensor expected = Forward(graph, own, input, options);
  EXPECT_LT(Distance(folded, expected), 1e-4 * expected.abs().max().item<double>());
}

}  // namespace
}  // namespace niwaki::supernet
