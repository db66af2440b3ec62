#include "libs/supernet/weights.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"

namespace niwaki::supernet {
namespace {

using arch::WeightRole;
using ::testing::ElementsAre;

arch::SearchSpace Space(const std::string& transform = "KERNEL_TRANSFORM_MATRIX") {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 3 num_classes: 5 resolutions { value: 16 }
      stem { width: 64 }
      stages { width: 64 depths: [1, 2] kernel_sizes: [3, 5, 7] expand_ratios: [2, 4] }
      head {} kernel_transform: )" + transform);
}

std::map<std::string, at::Tensor> TensorsOf(const SharedWeights& weights) {
  std::map<std::string, at::Tensor> tensors;
  weights.ForEach(
      [&](const std::string& name, const at::Tensor& tensor) { tensors[name] = tensor; });
  return tensors;
}

TEST(SharedWeightsTest, SeedsDecideEveryBit) {
  const auto first = TensorsOf(SharedWeights::Random(Space(), 1));
  const auto again = TensorsOf(SharedWeights::Random(Space(), 1));
  const auto other = TensorsOf(SharedWeights::Random(Space(), 2));

  for (const auto& [name, tensor] : first) EXPECT_TRUE(at::equal(tensor, again.at(name))) << name;
  EXPECT_FALSE(at::equal(first.at("stem.weight"), other.at("stem.weight")));
}

// A tensor's values depend on its name alone.
TEST(SharedWeightsTest, OtherLayersDoNotMoveATensor) {
  const auto deep = TensorsOf(SharedWeights::Random(Space(), 1));
  const auto shallow = TensorsOf(SharedWeights::Random(*arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 3 num_classes: 5 resolutions { value: 16 }
      stem { width: 64 }
      stages { width: 64 depths: 1 kernel_sizes: [3, 5, 7] expand_ratios: [2, 4] } head {})"),
                                                       1));

  EXPECT_LT(shallow.size(), deep.size());
  EXPECT_TRUE(at::equal(deep.at("stem.weight"), shallow.at("stem.weight")));
  EXPECT_TRUE(at::equal(deep.at("classifier.weight"), shallow.at("classifier.weight")));
}

TEST(SharedWeightsTest, ShapesAreThoseOfTheLargestSubnet) {
  const auto weights = SharedWeights::Random(Space(), 1);

  EXPECT_THAT(weights.layer({WeightRole::kStem}).weight.sizes().vec(), ElementsAre(64, 3, 3, 3));
  EXPECT_THAT(weights.layer({WeightRole::kExpand, 0, 1}).weight.sizes().vec(),
              ElementsAre(256, 64, 1, 1));
  const LayerWeights& depthwise = weights.layer({WeightRole::kDepthwise, 0, 0});
  EXPECT_THAT(depthwise.weight.sizes().vec(), ElementsAre(256, 1, 7, 7));
  EXPECT_THAT(depthwise.matrix_7to5.sizes().vec(), ElementsAre(25, 25));
  EXPECT_THAT(depthwise.matrix_5to3.sizes().vec(), ElementsAre(9, 9));
  EXPECT_THAT(weights.layer({WeightRole::kClassifier}).weight.sizes().vec(), ElementsAre(5, 64));
  EXPECT_FALSE(weights.has_layer({WeightRole::kExpand, 0, 2}));
}

TEST(SharedWeightsTest, SpacesWithoutMatricesHaveNone) {
  const auto weights = SharedWeights::Random(Space("KERNEL_TRANSFORM_CROP"), 1);

  EXPECT_FALSE(weights.layer({WeightRole::kDepthwise, 0, 0}).matrix_7to5.defined());
  EXPECT_FALSE(weights.layer({WeightRole::kDepthwise, 0, 0}).matrix_5to3.defined());
}

// He: 2 / (k * k * outputs), of depthwise kernels 2 / (k * k); uniform in 1 / sqrt(inputs).
TEST(SharedWeightsTest, KernelsAreAsWideAsTheirFanOut) {
  const auto tensors = TensorsOf(SharedWeights::Random(Space(), 3));

  const auto expect_deviation = [&](const std::string& name, double deviation) {
    const at::Tensor values = tensors.at(name).to(at::kDouble);
    // Five standard errors.
    const double slack = 5 * deviation / std::sqrt(static_cast<double>(values.numel()));
    EXPECT_NEAR(values.pow(2).mean().sqrt().item<double>(), deviation, slack) << name;
    EXPECT_NEAR(values.mean().item<double>(), 0, slack) << name;
  };
  expect_deviation("stem.weight", std::sqrt(2.0 / (9 * 64)));
  expect_deviation("stage0.block0.expand.weight", std::sqrt(2.0 / 256));
  expect_deviation("stage0.block0.depthwise.weight", std::sqrt(2.0 / 49));
  expect_deviation("stage0.block0.project.weight", std::sqrt(2.0 / 64));
  const at::Tensor classifier = tensors.at("classifier.weight");
  EXPECT_LE(classifier.abs().max().item<double>(), 1.0 / 8);
  EXPECT_GT(classifier.abs().max().item<double>(), 0.95 / 8);
}

TEST(SharedWeightsTest, NormsBiasesAndMatricesBeginNeutral) {
  const auto tensors = TensorsOf(SharedWeights::Random(Space(), 1));

  EXPECT_TRUE(at::equal(tensors.at("stem.bn.weight"), at::ones({64})));
  EXPECT_TRUE(at::equal(tensors.at("stem.bn.bias"), at::zeros({64})));
  EXPECT_TRUE(at::equal(tensors.at("stem.bn.running_mean"), at::zeros({64})));
  EXPECT_TRUE(at::equal(tensors.at("stem.bn.running_var"), at::ones({64})));
  EXPECT_TRUE(at::equal(tensors.at("classifier.bias"), at::zeros({5})));
  EXPECT_TRUE(at::equal(tensors.at("stage0.block1.depthwise.7to5_matrix"), at::eye(25)));
  EXPECT_TRUE(at::equal(tensors.at("stage0.block1.depthwise.5to3_matrix"), at::eye(9)));
}

TEST(SharedWeightsTest, ClonesAreApartAndAliasesAreNot) {
  auto weights = SharedWeights::Random(Space(), 1);
  const SharedWeights clone = weights.Clone();
  const SharedWeights alias = weights.Alias();

  weights.layer({WeightRole::kStem}).weight.fill_(7);

  EXPECT_EQ(alias.layer({WeightRole::kStem}).weight.min().item<float>(), 7);
  EXPECT_LT(clone.layer({WeightRole::kStem}).weight.max().item<float>(), 7);
}

TEST(SharedWeightsTest, AliasesCollectGradientsOfTheirOwn) {
  auto weights = SharedWeights::Random(Space(), 1);
  weights.layer({WeightRole::kStem}).weight.set_requires_grad(true);
  SharedWeights alias = weights.Alias();
  alias.layer({WeightRole::kStem}).weight.set_requires_grad(true);

  alias.layer({WeightRole::kStem}).weight.sum().backward();

  EXPECT_TRUE(alias.layer({WeightRole::kStem}).weight.grad().defined());
  EXPECT_FALSE(weights.layer({WeightRole::kStem}).weight.grad().defined());
}

TEST(SharedWeightsTest, MovingChangesTheTypeOfAll) {
  auto weights = SharedWeights::Random(Space(), 1);
  const at::Tensor before = weights.layer({WeightRole::kStem}).weight;

  weights.To(at::kCPU, at::kDouble);

  weights.ForEach([](const std::string& name, at::Tensor& tensor, TensorUse) {
    EXPECT_EQ(tensor.scalar_type(), at::kDouble) << name;
  });
  EXPECT_TRUE(at::equal(weights.layer({WeightRole::kStem}).weight, before.to(at::kDouble)));
}

TEST(SharedWeightsTest, VisitsTellStatisticsFromWeights) {
  auto weights = SharedWeights::Random(Space(), 1);
  std::vector<std::string> visited;

  weights.ForEach([&](const std::string& name, at::Tensor&, TensorUse use) {
    visited.push_back(name);
    const bool statistic = name.find(".running_") != std::string::npos;
    EXPECT_EQ(use == TensorUse::kStatistic, statistic) << name;
  });

  EXPECT_EQ(visited.front(), "stem.weight");
  EXPECT_EQ(visited.back(), "classifier.bias");
  EXPECT_EQ(visited.size(), TensorsOf(weights).size());
}

}  // namespace
}  // namespace niwaki::supernet
