#include "libs/kernels/frontend/exact_float.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "gtest/gtest.h"

namespace {

TEST(ExactFloatTest, HalvesAreRoundedAwayFromZero) {
  EXPECT_EQ(nw_round(2.5f), 3);
  EXPECT_EQ(nw_round(-2.5f), -3);
  EXPECT_EQ(nw_round(2.4999998f), 2);
  // A half more is 1 in single precision.
  EXPECT_EQ(nw_round(0.49999997f), 0);
  EXPECT_EQ(nw_round(-0.49999997f), 0);
}

TEST(ExactFloatTest, HalvesAreRoundedToEven) {
  EXPECT_EQ(nw_round_half_even(0.5f), 0);
  EXPECT_EQ(nw_round_half_even(1.5f), 2);
  EXPECT_EQ(nw_round_half_even(2.5f), 2);
  EXPECT_EQ(nw_round_half_even(2.5000002f), 3);
  EXPECT_EQ(nw_round_half_even(254.50002f), 255);
}

TEST(ExactFloatTest, LogarithmIsThatOfDoublePrecision) {
  double worst = 0;
  for (float value = 1e-30f; value < 1e30f; value *= 1.0009765f) {
    const double exact = std::log2(static_cast<double>(value));
    worst = std::max(worst, std::abs(nw_log2(value) - exact) / std::max(1.0, std::abs(exact)));
  }
  EXPECT_LT(worst, 2e-7);
}

// The bits of results, of one machine and of all others.
TEST(ExactFloatTest, LogarithmHasTheseBits) {
  uint32_t sum = 0;
  uint32_t state = 1;
  for (int i = 0; i < 100000; ++i) {
    state = state * 1664525u + 1013904223u;
    const uint32_t bits = UINT32_C(0x20000000) + (state >> 2);
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    const float result = nw_log2(value);
    uint32_t out;
    std::memcpy(&out, &result, sizeof(out));
    sum = sum * 31 + out;
  }
  EXPECT_EQ(sum, UINT32_C(444903711));
}

}  // namespace
