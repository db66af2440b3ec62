#include "libs/kernels/pooling.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

TEST(MaxPoolTest, PaddingIsNeverTheLargest) {
  const std::vector<int8_t> input = {-5, -9, -7, -3};
  std::vector<int8_t> values;
  const nw_input in = In(input, {2, 2, 1});
  const nw_output out = Out(values, {1, 1, 1});
  const nw_window window = {3, 3, 2, 2, 1, 1};
  nw_max_pool(&in, &out, &window, kInt8, All(out));
  EXPECT_THAT(values, ElementsAre(-3));
}

TEST(AveragePoolTest, RoundsHalfAwayFromZero) {
  const std::vector<int8_t> input = {1, -1, 2, -2};
  std::vector<int8_t> values;
  const nw_input in = In(input, {2, 1, 2});
  const nw_output out = Out(values, {1, 1, 2});
  const nw_window window = {2, 1, 2, 1, 0, 0};
  nw_average_pool(&in, &out, &window, kInt8, All(out));
  EXPECT_THAT(values, ElementsAre(2, -2));
}

TEST(AveragePoolTest, PaddingDoesNotCount) {
  const std::vector<int8_t> input = {10, 20, 30};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 3, 1});
  const nw_output out = Out(values, {1, 2, 1});
  const nw_window window = {1, 2, 1, 2, 0, 0};
  nw_average_pool(&in, &out, &window, {-128, 18}, All(out));
  // The mean of 10 and 20, and 30 alone, clamped.
  EXPECT_THAT(values, ElementsAre(15, 18));
}

TEST(MeanTest, GoesOverTheMiddleAxis) {
  // [2, 3, 2]
  const std::vector<int8_t> input = {1, 10, 2, 20, 3, 30, -1, -10, -2, -20, -4, -30};
  std::vector<int8_t> values(4);
  const nw_mean_levels levels = {0, 1, kOne};
  nw_mean(input.data(), values.data(), 2, 3, 2, &levels);
  EXPECT_THAT(values, ElementsAre(3, 21, -1, -19));
}

TEST(MeanTest, HalvesGoAwayFromZero) {
  const nw_mean_levels levels = {0, 0, kOne};
  for (int count = 1; count <= 9; ++count) {
    for (int sum = -40; sum <= 40; ++sum) {
      std::vector<int8_t> input(count, 0);
      input[0] = static_cast<int8_t>(sum);
      int8_t value = 0;
      nw_mean(input.data(), &value, 1, count, 1, &levels);
      EXPECT_EQ(value, std::lround(static_cast<double>(sum) / count)) << sum << " of " << count;
    }
  }
}

TEST(MeanTest, SumThatFillsAnAccumulatorSaturates) {
  // 2^30 times what is there.
  const nw_mean_levels levels = {0, -3, {1 << 30, 30}};
  const std::vector<int8_t> input = {-2, 0, 0};
  int8_t value = 0;
  nw_mean(input.data(), &value, 1, 3, 1, &levels);
  EXPECT_EQ(value, -128);
}

}  // namespace
}  // namespace niwaki::kernels
