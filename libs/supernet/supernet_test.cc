#include "libs/supernet/supernet.h"

#include <ATen/ATen.h>

#include <utility>

#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

arch::SearchSpace Space() {
  return *arch::SearchSpace::FromTextproto(R"(
      name: "tiny" input_channels: 1 num_classes: 3 resolutions { value: 8 }
      stem { width: 8 } stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } head {})");
}

TEST(SupernetTest, RandomOnesHaveTheWeightsOfTheirSeed) {
  const auto supernet = Supernet::Random(Space(), /*seed=*/6);

  const auto expected = SharedWeights::Random(Space(), /*seed=*/6);
  EXPECT_TRUE(at::equal(supernet->weights().layer({arch::WeightRole::kStem}).weight,
                        expected.layer({arch::WeightRole::kStem}).weight));
  EXPECT_EQ(supernet->space().structure(), Space().structure());
}

TEST(SupernetTest, WeightsGivenAreTakenOver) {
  auto weights = SharedWeights::Random(Space(), /*seed=*/1);
  const at::Tensor stem = weights.layer({arch::WeightRole::kStem}).weight;
  const Supernet supernet(Space(), std::move(weights));

  stem.fill_(3);

  EXPECT_EQ(supernet.weights().layer({arch::WeightRole::kStem}).weight.min().item<float>(), 3);
}

}  // namespace
}  // namespace niwaki::supernet
