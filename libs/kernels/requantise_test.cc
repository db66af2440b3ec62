#include "libs/kernels/requantise.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace {

TEST(HighMultiplyTest, RoundsHalfUpAndSaturatesAtTheOneProductTooLarge) {
  EXPECT_EQ(nw_high_multiply(1 << 30, 1 << 30), 1 << 29);
  // 3 / 2 and -3 / 2: half away from zero above, towards zero below, as the reference truncates.
  EXPECT_EQ(nw_high_multiply(3, 1 << 30), 2);
  EXPECT_EQ(nw_high_multiply(-3, 1 << 30), -1);
  EXPECT_EQ(nw_high_multiply(INT32_MIN, INT32_MIN), INT32_MAX);
  EXPECT_EQ(nw_high_multiply(INT32_MIN, INT32_MAX), -INT32_MAX);
}

TEST(DivideByPowerTest, RoundsHalfAwayFromZero) {
  EXPECT_EQ(nw_divide_by_power(5, 1), 3);
  EXPECT_EQ(nw_divide_by_power(-5, 1), -3);
  EXPECT_EQ(nw_divide_by_power(4, 3), 1);
  EXPECT_EQ(nw_divide_by_power(-4, 3), -1);
  EXPECT_EQ(nw_divide_by_power(3, 3), 0);
  EXPECT_EQ(nw_divide_by_power(7, 0), 7);
  EXPECT_EQ(nw_divide_by_power(INT32_MIN, 31), -1);
}

TEST(ScaleTest, ShiftsLeftBeforeAndRightBehindTheMultiplication) {
  // 0.75 * 2^2 and 0.75 / 2^2.
  const int32_t three_quarters = 3 << 29;
  EXPECT_EQ(nw_scale(100, three_quarters, 2), 300);
  EXPECT_EQ(nw_scale(100, three_quarters, -2), 19);
  EXPECT_EQ(nw_scale(-100, three_quarters, -2), -19);
  EXPECT_EQ(nw_scale(100, -three_quarters, 0), -75);
  EXPECT_EQ(nw_scale(12345, 0, 0), 0);
}

TEST(LevelTest, AddsTheZeroPointAndStaysWithinLimits) {
  EXPECT_EQ(nw_level(10, -3, -128, 127), 7);
  EXPECT_EQ(nw_level(10, -3, 8, 127), 8);
  EXPECT_EQ(nw_level(200, -100, -128, 60), 60);
}

TEST(LevelTest, AnySumHasALevel) {
  EXPECT_EQ(nw_level(INT32_MIN, -3, -128, 127), -128);
  EXPECT_EQ(nw_level(INT32_MIN, 127, -128, 127), -128);
  EXPECT_EQ(nw_level(INT32_MAX, 3, -128, 127), 127);
  EXPECT_EQ(nw_level(INT32_MAX, -128, -128, 127), 127);
}

TEST(ScaleTest, RoundsTwice) {
  // 1/3 is 2/3 / 2: 1 * 2/3 rounds to 1, and a half to 1. Once rounded it would be 0.
  EXPECT_EQ(nw_scale(1, 1431655765, -1), 1);
}

}  // namespace
