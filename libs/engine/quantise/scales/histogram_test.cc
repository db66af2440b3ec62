#include "libs/engine/quantise/scales/histogram.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

// Bins of width 1: value i + 0.5 is in bin i.
Histogram WholeBins(float low, const std::vector<float>& values) {
  Histogram histogram(Range{low, low + Histogram::kBins});
  histogram.Add(values);
  return histogram;
}

TEST(HistogramTest, ValuesBeyondTheRangeCountAtItsEnds) {
  const Histogram histogram = WholeBins(0, {-5, 0, 0.5F, 2047.5F, 2048, 9999});
  EXPECT_EQ(histogram.total(), 6);
  // Half of the values at either side of the middle.
  EXPECT_EQ(histogram.Percentile(0.5), (Range{0, 1}));
}

// 990 values in bin 10, 9 in bin 20, one in bin 2000.
TEST(HistogramTest, PercentileOfKnownValues) {
  std::vector<float> values(990, 10.5F);
  values.insert(values.end(), 9, 20.5F);
  values.push_back(2000.5F);
  const Histogram histogram = WholeBins(0, values);
  EXPECT_EQ(histogram.Percentile(1), (Range{10, 2001}));
  // The range begins at 0: all of it is cut off above.
  EXPECT_EQ(histogram.Percentile(0.999), (Range{10, 21}));
  EXPECT_EQ(histogram.Percentile(0.99), (Range{10, 11}));
}

TEST(HistogramTest, PercentileCutsBothEndsOfARangeAroundZero) {
  std::vector<float> values(98, 0.5F);
  values.push_back(-1000.5F);
  values.push_back(1000.5F);
  EXPECT_EQ(WholeBins(-1024, values).Percentile(0.98), (Range{0, 1}));
  EXPECT_EQ(WholeBins(-1024, values).Percentile(0.985), (Range{-1001, 1001}));
}

TEST(HistogramTest, HistogramsOfOneRangeAddUp) {
  Histogram sum = WholeBins(0, {1.5F});
  sum.Add(WholeBins(0, {100.5F, 100.5F}));
  EXPECT_EQ(sum.total(), 3);
  EXPECT_EQ(sum.Percentile(1), (Range{1, 101}));
}

TEST(HistogramTest, LeastSquaresKeepsARangeThatIsFull) {
  std::vector<float> values;
  for (int i = 0; i < Histogram::kBins; ++i) values.push_back(i + 0.5F);
  const Range range = WholeBins(0, values).LeastSquares();
  EXPECT_EQ(range.low, 0);
  // Ends that are hardly met may go: never far.
  EXPECT_GE(range.high, 2000);
}

// A million values below 64 and one at 2000: steps of 2000 / 255 cost the many more than the one
// gains.
TEST(HistogramTest, LeastSquaresLeavesOutOneFarValue) {
  Histogram histogram(Range{0, Histogram::kBins});
  std::vector<float> values;
  for (int i = 0; i < 64000; ++i) values.push_back(static_cast<float>(i) / 1000);
  for (int i = 0; i < 16; ++i) histogram.Add(values);
  histogram.Add({2000.5F});
  const Range range = histogram.LeastSquares();
  EXPECT_LT(range.high, 1024);
  EXPECT_GE(range.high, 64);
}

TEST(QuantisationOfTest, ZeroIsALevel) {
  const Quantisation relu6 = QuantisationOf({0, 6});
  EXPECT_FLOAT_EQ(relu6.scale, 6.0F / 255);
  EXPECT_EQ(relu6.zero_point, -128);
  const Quantisation both = QuantisationOf({-1, 3});
  EXPECT_FLOAT_EQ(both.scale, 4.0F / 255);
  // -128 + 255 / 4, rounded.
  EXPECT_EQ(both.zero_point, -64);
  // A range that leaves 0 out is widened.
  EXPECT_EQ(QuantisationOf({2, 6}), relu6);
  EXPECT_EQ(QuantisationOf({-6, -2}).zero_point, 127);
}

TEST(QuantisationOfTest, ConstantTensorsHaveAScale) {
  EXPECT_EQ(QuantisationOf({0, 0}), (Quantisation{1, 0}));
  const float tiny = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(QuantisationOf({-tiny, tiny}), (Quantisation{1, 0}));
  EXPECT_FLOAT_EQ(QuantisationOf({5, 5}).scale, 5.0F / 255);
  const float huge = std::numeric_limits<float>::max();
  EXPECT_TRUE(std::isfinite(QuantisationOf({-huge, huge}).scale));
}

}  // namespace
}  // namespace niwaki::engine
