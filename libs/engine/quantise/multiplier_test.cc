#include "libs/engine/quantise/multiplier.h"

#include <cmath>

#include "gtest/gtest.h"
#include "libs/kernels/tensor.h"

namespace niwaki::engine {
namespace {

TEST(FactorOfTest, MultiplierHasItsHighestBitAndTheShiftTheRest) {
  nw_factor factor = FactorOf(1);
  EXPECT_EQ(factor.multiplier, 1 << 30);
  EXPECT_EQ(factor.shift, 1);
  factor = FactorOf(0.75 / 16);
  EXPECT_EQ(factor.multiplier, 3 << 29);
  EXPECT_EQ(factor.shift, -4);
  factor = FactorOf(-0.75);
  EXPECT_EQ(factor.multiplier, -(3 << 29));
  EXPECT_EQ(factor.shift, 0);
}

TEST(FactorOfTest, RoundingUpToOneMovesTheShift) {
  const nw_factor factor = FactorOf(std::nextafter(1.0, 0.0));
  EXPECT_EQ(factor.multiplier, 1 << 30);
  EXPECT_EQ(factor.shift, 1);
}

TEST(FactorOfTest, WhatIsTooSmallIsNothing) {
  EXPECT_EQ(FactorOf(0).multiplier, 0);
  EXPECT_EQ(FactorOf(1e-12).multiplier, 0);
}

TEST(LevelOfTest, RoundsHalfAwayFromZeroAroundTheZeroPoint) {
  EXPECT_EQ(LevelOf(6, 0.0235, -128), 127);
  EXPECT_EQ(LevelOf(0, 0.5F, 3), 3);
  EXPECT_EQ(LevelOf(0.25, 0.5F, 3), 4);
  EXPECT_EQ(LevelOf(-0.25, 0.5F, 3), 2);
  EXPECT_EQ(LevelOf(1e30, 1e-30F, 0), 2147483647);
}

}  // namespace
}  // namespace niwaki::engine
