#include "libs/engine/quantise/scales/calibration.h"

#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/floats/fold_batch_norm.h"
#include "libs/engine/floats/test_float_network.h"

namespace niwaki::engine {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

// Two channels in: their sum, and ten times the first, through relu.
FloatNetwork SumAndTen() {
  FloatWeight weight;
  weight.values = {1, 1, 10, 0};
  weight.bias = {0, 0};
  FloatNetworkBuilder builder({1, 1, 2});
  builder.Conv(2, 1, arch::OpActivation::kRelu, weight);
  return builder.Build();
}

TEST(ObserveRangesTest, AreThoseOfEachChannel) {
  const Examples examples = ExamplesFrom({1, 1, 2}, {{1, 2}, {-4, 1}, {3, -1}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChannelRanges ranges,
                              ObserveRanges(SumAndTen(), examples, OneByOne));
  EXPECT_THAT(ranges[0], ElementsAre(Range{-4, 3}, Range{-1, 2}));
  EXPECT_THAT(ranges[1], ElementsAre(Range{0, 3}, Range{0, 30}));
  EXPECT_EQ(WholeRange(ranges[0]), (Range{-4, 3}));
}

TEST(ObserveRangesTest, OperatorWhoseOutputIsNotFiniteIsNamed) {
  const float huge = std::numeric_limits<float>::max();
  const Examples examples = ExamplesFrom({1, 1, 2}, {{1, 2}, {huge, 0}});
  const auto ranges = ObserveRanges(SumAndTen(), examples, OneByOne);
  EXPECT_THAT(ranges, HasReason(absl::StatusCode::kFailedPrecondition, reason::kScoreNotFinite));
  EXPECT_EQ(ranges.status().message(),
            "the output of operator 0 (conv2d) holds a value that is not a finite number");
  const Examples not_numbers =
      ExamplesFrom({1, 1, 2}, {{std::numeric_limits<float>::quiet_NaN(), 2}});
  EXPECT_THAT(ObserveRanges(SumAndTen(), not_numbers, OneByOne),
              StatusIs(absl::StatusCode::kFailedPrecondition, "the calibration data holds"));
}

TEST(ObserveStatisticsTest, MeansAndCountsAreOfAllExamples) {
  const Examples examples = ExamplesFrom({1, 1, 2}, {{1, 2}, {-4, 1}, {3, -1}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Statistics statistics,
      ObserveStatistics(SumAndTen(), {Range{-4, 3}, Range{0, 30}}, examples, OneByOne));
  EXPECT_THAT(statistics.means[0], ElementsAre(DoubleEq(0), DoubleEq(2 / 3.0)));
  EXPECT_THAT(statistics.means[1], ElementsAre(DoubleEq(5 / 3.0), DoubleEq(40 / 3.0)));
  EXPECT_EQ(statistics.histograms[1].total(), 6);
  EXPECT_EQ(statistics.histograms[1].range(), (Range{0, 30}));
}

TEST(ObserveStatisticsTest, ThreadsChangeNoBit) {
  const FloatNetwork network = FoldBatchNorm(RandomNetwork(8, arch::OpActivation::kRelu6));
  const Examples examples = RandomExamples(9, {8, 8, 3}, 50);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ChannelRanges ranges,
                              ObserveRanges(network, examples, OneByOne));
  EXPECT_EQ(*ObserveRanges(network, examples, Backwards(4)), ranges);
  std::vector<Range> whole;
  for (const std::vector<Range>& channels : ranges) whole.push_back(WholeRange(channels));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Statistics one,
                              ObserveStatistics(network, whole, examples, OneByOne));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Statistics four,
                              ObserveStatistics(network, whole, examples, Backwards(4)));
  EXPECT_EQ(four.means, one.means);
  for (size_t id = 0; id < whole.size(); ++id) {
    EXPECT_EQ(four.histograms[id].LeastSquares(), one.histograms[id].LeastSquares());
  }
}

}  // namespace
}  // namespace niwaki::engine
