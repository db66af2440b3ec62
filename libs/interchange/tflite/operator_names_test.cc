#include "libs/interchange/tflite/operator_names.h"

#include "gtest/gtest.h"

namespace niwaki::interchange {
namespace {

TEST(TfliteOperatorNameTest, NamesStandAtTheirNumbers) {
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kConv2d)), "CONV_2D");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kFullyConnected)),
            "FULLY_CONNECTED");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kSoftmax)), "SOFTMAX");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kMean)), "MEAN");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kResizeNearestNeighbor)),
            "RESIZE_NEAREST_NEIGHBOR");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kQuantize)), "QUANTIZE");
  EXPECT_EQ(TfliteOperatorName(static_cast<int>(TfliteOperator::kHardSwish)), "HARD_SWISH");
}

TEST(TfliteOperatorNameTest, UnknownNumbersAreSaid) {
  EXPECT_EQ(TfliteOperatorName(-1), "operator code -1");
  EXPECT_EQ(TfliteOperatorName(118), "operator code 118");
}

TEST(TfliteOperatorNamesTest, OperatorsThatAreReadAreKnown) {
  EXPECT_TRUE(IsTfliteOperator(3));
  EXPECT_TRUE(IsTfliteOperator(117));
  EXPECT_FALSE(IsTfliteOperator(5));
  EXPECT_FALSE(IsTfliteOperator(-1));
}

}  // namespace
}  // namespace niwaki::interchange
