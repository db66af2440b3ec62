#include "libs/engine/quantise/equalise.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/floats/float_runner.h"
#include "libs/engine/floats/fold_batch_norm.h"
#include "libs/engine/floats/test_float_network.h"
#include "libs/engine/quantise/scales/calibration.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

FloatWeight Weight(std::vector<float> values, std::vector<float> bias) {
  FloatWeight weight;
  weight.values = std::move(values);
  weight.bias = std::move(bias);
  return weight;
}

// Channels of 6 and 1 in front of a depthwise, which has a scale for each channel.
TEST(EqualiseTest, SmallChannelIsEnlargedByAPowerOfTwo) {
  FloatNetworkBuilder builder({1, 1, 1});
  builder.Conv(2, 1, OpActivation::kRelu, Weight({6, 1}, {0, 0.5F}));
  builder.Depthwise(1, OpActivation::kRelu, Weight({1, 1}, {0, 0}));
  FloatNetwork network = builder.Build();
  ChannelRanges ranges = {{{0, 1}}, {{0, 6}, {0.5F, 1.5F}}, {{0, 6}, {0, 1.5F}}};

  Equalise(network, ranges);

  EXPECT_THAT(network.weights[0].values, ElementsAre(6, 4));
  EXPECT_THAT(network.weights[0].bias, ElementsAre(0, 2));
  EXPECT_THAT(network.weights[1].values, ElementsAre(1, 0.25F));
  EXPECT_THAT(ranges[1], ElementsAre(Range{0, 6}, Range{2, 6}));
}

// What the activation gains, weights that share a scale lose: half of the factor in bits.
TEST(EqualiseTest, DenseReaderSharesTheFactor) {
  FloatNetworkBuilder builder({1, 1, 1});
  builder.Conv(2, 1, OpActivation::kRelu, Weight({16, 1}, {0, 0}));
  builder.Conv(1, 1, OpActivation::kNone, Weight({1, 1}, {0}));
  FloatNetwork network = builder.Build();
  ChannelRanges ranges = {{{0, 1}}, {{0, 16}, {0, 1}}, {{0, 17}}};
  Equalise(network, ranges);
  EXPECT_THAT(network.weights[0].values, ElementsAre(16, 4));
  EXPECT_THAT(network.weights[1].values, ElementsAre(1, 0.25F));
}

TEST(EqualiseTest, TensorWithTwoReadersStays) {
  FloatNetworkBuilder builder({1, 1, 1});
  builder.Conv(2, 1, OpActivation::kRelu, Weight({16, 1}, {0, 0}));
  builder.Depthwise(1, OpActivation::kNone, Weight({1, 1}, {0, 0}));
  builder.Binary(arch::OpKind::kAdd, 1);
  FloatNetwork network = builder.Build();
  ChannelRanges ranges = {{{0, 1}}, {{0, 16}, {0, 1}}, {{0, 16}, {0, 1}}, {{0, 32}, {0, 2}}};
  Equalise(network, ranges);
  EXPECT_THAT(network.weights[0].values, ElementsAre(16, 1));
}

class EqualisedNetworkTest : public ::testing::TestWithParam<OpActivation> {};

TEST_P(EqualisedNetworkTest, OutputsStayTheSameBits) {
  for (const uint64_t seed : {1, 2, 3}) {
    const FloatNetwork network = FoldBatchNorm(RandomNetwork(seed, GetParam()));
    const Examples examples = RandomExamples(seed + 10, {8, 8, 3}, 20);
    NIWAKI_ASSERT_OK_AND_ASSIGN(ChannelRanges ranges, ObserveRanges(network, examples, OneByOne));
    const ChannelRanges before = ranges;
    FloatNetwork equalised = network;
    Equalise(equalised, ranges);
    EXPECT_NE(equalised.weights[1].values, network.weights[1].values) << "seed " << seed;
    // The ranges are those of the new network, and no wider as a whole.
    EXPECT_EQ(*ObserveRanges(equalised, examples, OneByOne), ranges) << "seed " << seed;
    for (size_t id = 0; id < ranges.size(); ++id) {
      EXPECT_EQ(WholeRange(ranges[id]), WholeRange(before[id])) << "seed " << seed;
    }
    NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram first, FloatProgram::Create(&network));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const FloatProgram second, FloatProgram::Create(&equalised));
    FloatRunner plain(&first);
    FloatRunner scaled(&second);
    for (int64_t i = 0; i < examples.count; ++i) {
      ASSERT_THAT(examples.read(i, plain.input()), IsOk());
      ASSERT_THAT(examples.read(i, scaled.input()), IsOk());
      EXPECT_THAT(scaled.Run(), ElementsAreArray(plain.Run())) << "seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, EqualisedNetworkTest,
                         ::testing::Values(OpActivation::kNone, OpActivation::kRelu,
                                           OpActivation::kRelu6));

}  // namespace
}  // namespace niwaki::engine
