#include "libs/engine/quantise/recalibrate_batch_norm.h"

#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_float_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

// Twice the input, then a batch norm.
FloatNetwork Doubling() {
  FloatWeight weight;
  weight.values = {2};
  weight.norm_scale = {1};
  weight.norm_shift = {0};
  weight.norm_mean = {77};
  weight.norm_variance = {88};
  FloatNetworkBuilder builder({1, 1, 1});
  builder.Conv(1, 1, arch::OpActivation::kNone, weight);
  return builder.Build();
}

// Batches (2, 4), (6, 10) and (9): means 3, 8, 9, biased variances 1, 4, 0.
TEST(RecalibrateBatchNormTest, BatchesAreAveragedByTheirExamples) {
  const Examples examples = ExamplesFrom({1, 1, 1}, {{1}, {2}, {3}, {5}, {4.5F}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatNetwork network,
                              RecalibrateBatchNorm(Doubling(), examples, 2, OneByOne));
  EXPECT_FLOAT_EQ(network.weights[0].norm_mean[0], (2 * 3 + 2 * 8 + 9) / 5.0F);
  EXPECT_FLOAT_EQ(network.weights[0].norm_variance[0], (2 * 1 + 2 * 4 + 0) / 5.0F);
  EXPECT_THAT(network.weights[0].values, ElementsAre(2));
}

TEST(RecalibrateBatchNormTest, ThreadsChangeNoBit) {
  const FloatNetwork network = RandomNetwork(1, arch::OpActivation::kHardSwish);
  const Examples examples = RandomExamples(2, {8, 8, 3}, 21);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatNetwork one,
                              RecalibrateBatchNorm(network, examples, 4, OneByOne));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatNetwork four,
                              RecalibrateBatchNorm(network, examples, 4, Backwards(4)));
  for (size_t w = 0; w < one.weights.size(); ++w) {
    EXPECT_EQ(four.weights[w].norm_mean, one.weights[w].norm_mean) << w;
    EXPECT_EQ(four.weights[w].norm_variance, one.weights[w].norm_variance) << w;
  }
  EXPECT_NE(one.weights[0].norm_mean, network.weights[0].norm_mean);
}

TEST(RecalibrateBatchNormTest, BadInputIsRefused) {
  EXPECT_THAT(RecalibrateBatchNorm(Doubling(), ExamplesFrom({1, 1, 1}, {}), 2, OneByOne),
              StatusIs(absl::StatusCode::kInvalidArgument, "no calibration examples"));
  EXPECT_THAT(RecalibrateBatchNorm(Doubling(), ExamplesFrom({1, 2, 1}, {{1, 2}}), 2, OneByOne),
              StatusIs(absl::StatusCode::kInvalidArgument, "1x2x1"));
  EXPECT_THAT(RecalibrateBatchNorm(Doubling(), ExamplesFrom({1, 1, 1}, {{1}}), 1, OneByOne),
              StatusIs(absl::StatusCode::kInvalidArgument, "calibration batch is 1"));
}

}  // namespace
}  // namespace niwaki::engine
