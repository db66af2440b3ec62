#include "libs/kernels/fast/add.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/elementwise.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

nw_factor RandomFactor(Random& random) {
  return {Uniform(random, 1 << 30, INT32_MAX), -Uniform(random, 0, 6)};
}

TEST(FastAddTest, EqualsPlainInEveryLayoutAndScaling) {
  const unsigned seed = 20260141;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  const nw_factor half = {1 << 30, 0};
  for (int i = 0; i < 4000; ++i) {
    const nw_shape shape = {Uniform(random, 1, 5), Uniform(random, 1, 9), Uniform(random, 1, 9)};
    nw_shape second_shape = shape;
    if (Uniform(random, 0, 5) == 0) second_shape.height = second_shape.width = 1;
    const TestLayout layout = RandomLayout(random);
    const TestTensor first(random, shape, layout);
    const TestTensor second(random, second_shape,
                            Uniform(random, 0, 3) == 0 ? RandomLayout(random) : layout);
    TestTensor fast(random, shape, layout);
    TestTensor plain = fast;
    const nw_levels limits = RandomLevels(random);
    nw_add_levels levels = {RandomByte(random),   RandomByte(random),   limits.output_zero,
                            RandomFactor(random), RandomFactor(random), RandomFactor(random),
                            limits.limits};
    levels.output.shift = -Uniform(random, 14, 22);
    const int kind = Uniform(random, 0, 4);
    if (kind == 1 || kind == 3) levels.first = half;
    if (kind == 2 || kind == 3) levels.second = half;
    const nw_rows rows = {Uniform(random, 0, shape.height - 1), shape.height};
    const nw_input a = first.In();
    const nw_input b = second.In();
    nw_output expected = plain.Out();
    nw_add(&a, &b, &expected, &levels, rows);
    nw_output got = fast.Out();
    nw_fast_add(&a, &b, &got, &levels, rows);
    ASSERT_EQ(fast.bytes, plain.bytes) << "case " << i << ", kind " << kind;
  }
}

}  // namespace
}  // namespace niwaki::kernels
