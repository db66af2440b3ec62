#include "libs/engine/quantise/fold_batch_norm.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/float_runner.h"
#include "libs/engine/quantise/test_float_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

// scale / sqrt(variance + eps) = 3 / 2 and 1 / 4.
TEST(FoldBatchNormTest, ScaleGoesIntoWeightsAndShiftIntoBias) {
  FloatWeight weight;
  weight.values = {1, 2, 4, 8};
  weight.bias = {1, 0};
  weight.norm_scale = {3, 1};
  weight.norm_shift = {10, -1};
  weight.norm_mean = {5, 8};
  weight.norm_variance = {3, 15};
  FloatNetworkBuilder builder({1, 1, 2});
  builder.Conv(2, 1, arch::OpActivation::kNone, weight);
  FloatNetwork network = builder.Build();
  network.batch_norm_eps = 1;

  const FloatNetwork folded = FoldBatchNorm(network);

  EXPECT_THAT(folded.weights[0].values, ElementsAre(1.5F, 3, 1, 2));
  EXPECT_THAT(folded.weights[0].bias, ElementsAre(10 + (1 - 5) * 1.5F, -1 - 8 * 0.25F));
  EXPECT_TRUE(folded.weights[0].norm_scale.empty());
  EXPECT_FALSE(folded.graph.ops[0].batch_norm);
  EXPECT_TRUE(folded.graph.ops[0].bias);
  EXPECT_THAT(Validate(folded), IsOk());
}

TEST(FoldBatchNormTest, FoldedNetworkComputesTheSame) {
  const FloatNetwork network = RandomNetwork(3, arch::OpActivation::kRelu6);
  const FloatNetwork folded = FoldBatchNorm(network);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram before, FloatProgram::Create(&network));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram after, FloatProgram::Create(&folded));
  FloatRunner unfolded_runner(&before);
  FloatRunner folded_runner(&after);
  const Examples examples = RandomExamples(4, {8, 8, 3}, 10);
  for (int64_t i = 0; i < examples.count; ++i) {
    ASSERT_THAT(examples.read(i, unfolded_runner.input()), IsOk());
    ASSERT_THAT(examples.read(i, folded_runner.input()), IsOk());
    const auto expected = unfolded_runner.Run();
    const auto actual = folded_runner.Run();
    for (size_t c = 0; c < expected.size(); ++c) {
      EXPECT_NEAR(actual[c], expected[c], 1e-5) << "example " << i << " class " << c;
    }
  }
}

}  // namespace
}  // namespace niwaki::engine
