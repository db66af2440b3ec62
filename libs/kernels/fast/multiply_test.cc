#include "libs/kernels/fast/multiply.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/elementwise.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

TEST(FastMultiplyTest, EqualsPlainInEveryLayoutAndScaling) {
  const unsigned seed = 20260142;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 6000; ++i) {
    const nw_shape shape = {Uniform(random, 1, 5), Uniform(random, 1, 9), Uniform(random, 1, 9)};
    nw_shape second_shape = shape;
    const bool gate = Uniform(random, 0, 2) == 0;
    if (gate) second_shape.height = second_shape.width = 1;
    const TestLayout layout = RandomLayout(random);
    const int ring = Uniform(random, 0, 3) == 0 ? shape.height : 0;
    const TestTensor first(random, shape, layout, ring);
    const TestTensor second(random, second_shape,
                            gate || Uniform(random, 0, 3) == 0 ? RandomLayout(random) : layout);
    TestTensor fast(random, shape, layout, ring);
    TestTensor plain = fast;
    const nw_levels limits = RandomLevels(random);
    nw_multiply_levels levels = {RandomByte(random),
                                 RandomByte(random),
                                 limits.output_zero,
                                 {Uniform(random, 1 << 30, INT32_MAX), -Uniform(random, 1, 12)},
                                 limits.limits};
    const int kind = Uniform(random, 0, 7);
    if (kind < 5) levels.limits = {-128, 127};
    if (kind == 1) levels.output = {1 << 30, -Uniform(random, 1, 22)};
    if (kind == 2) levels.output.shift = Uniform(random, -31, 8);
    if (kind == 3) levels.first_zero = levels.second_zero = -128;
    if (kind == 4) levels.first_zero = 127;
    const nw_rows rows = {Uniform(random, 0, shape.height - 1), shape.height};
    const nw_input a = first.In();
    const nw_input b = second.In();
    nw_output expected = plain.Out();
    nw_multiply(&a, &b, &expected, &levels, rows);
    nw_output got = fast.Out();
    nw_fast_multiply(&a, &b, &got, &levels, rows);
    ASSERT_EQ(fast.bytes, plain.bytes) << "case " << i << ", kind " << kind;
  }
}

// Every pair of levels, and halves that round either way.
TEST(FastMultiplyTest, EqualsPlainForEveryPairOfLevels) {
  const nw_shape shape = {256, 256, 1};
  std::vector<int8_t> first, second;
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      first.push_back(static_cast<int8_t>(a));
      second.push_back(static_cast<int8_t>(b));
    }
  }
  for (const int zero : {-128, 0, 127}) {
    for (const int shift : {1, 5, 8, 9, 22}) {
      for (const int multiplier : {1 << 30, INT32_MAX}) {
        const nw_multiply_levels levels = {zero, -zero, zero, {multiplier, -shift}, {-128, 127}};
        std::vector<int8_t> fast(first.size()), plain(first.size());
        const nw_input a = {first.data(), shape, nw_channels_innermost(shape), 0, 0};
        const nw_input b = {second.data(), shape, nw_channels_innermost(shape), 0, 0};
        const nw_output expected = {plain.data(), shape, nw_channels_innermost(shape), 0, 0};
        const nw_output got = {fast.data(), shape, nw_channels_innermost(shape), 0, 0};
        nw_multiply(&a, &b, &expected, &levels, {0, 256});
        nw_fast_multiply(&a, &b, &got, &levels, {0, 256});
        ASSERT_EQ(fast, plain) << zero << ", " << shift << ", " << multiplier;
      }
    }
  }
}

TEST(FastMultiplyTest, OutputMayLieOnAnOperand) {
  Random random(3);
  const nw_shape shape = {3, 5, 7};
  const TestTensor first(random, shape, TestLayout::kInterleaved);
  const TestTensor gate(random, {1, 1, 7}, TestLayout::kInterleaved);
  const nw_multiply_levels levels = {3, -128, -5, {1 << 30, -6}, {-128, 127}};
  TestTensor apart = first;
  TestTensor over = first;
  const nw_input a = first.In();
  const nw_input b = gate.In();
  nw_output to = apart.Out();
  nw_fast_multiply(&a, &b, &to, &levels, {0, 3});
  const nw_input same = over.In();
  to = over.Out();
  nw_fast_multiply(&same, &b, &to, &levels, {0, 3});
  EXPECT_EQ(over.bytes, apart.bytes);
}

}  // namespace
}  // namespace niwaki::kernels
