#include "libs/kernels/fast/max_pool.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/fast/test_layers.h"
#include "libs/kernels/pooling.h"

namespace niwaki::kernels {
namespace {

TEST(FastMaxPoolTest, EqualsPlainInEveryLayoutAndWindow) {
  const unsigned seed = 20260143;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 6000; ++i) {
    nw_window window;
    window.kernel_height = Uniform(random, 1, 4);
    window.kernel_width = Uniform(random, 1, 4);
    window.stride_height = Uniform(random, 1, 3);
    window.stride_width = Uniform(random, 1, 3);
    window.padding_top = Uniform(random, 0, window.kernel_height - 1);
    window.padding_left = Uniform(random, 0, window.kernel_width - 1);
    const nw_shape in = {Uniform(random, 1, 9), Uniform(random, 1, 9), Uniform(random, 1, 18)};
    const auto cells = [&](int size, int kernel, int stride, int padding) {
      return std::max(1, (size + 2 * padding - kernel) / stride + 1);
    };
    const nw_shape out = {
        cells(in.height, window.kernel_height, window.stride_height, window.padding_top),
        cells(in.width, window.kernel_width, window.stride_width, window.padding_left),
        in.channels};
    const nw_rows rows = {Uniform(random, 0, out.height - 1), out.height};
    const int ring = Uniform(random, 0, 2) == 0 ? RowsNeeded(window, in.height, rows) : 0;
    const TestTensor input(random, in, RandomLayout(random), ring);
    const TestLayout layout = RandomLayout(random);
    TestTensor fast(random, out, layout);
    TestTensor plain = fast;
    const nw_limits limits = RandomLevels(random).limits;
    const nw_input from = input.In();
    nw_output expected = plain.Out();
    nw_max_pool(&from, &expected, &window, limits, rows);
    nw_output got = fast.Out();
    nw_fast_max_pool(&from, &got, &window, limits, rows);
    ASSERT_EQ(fast.bytes, plain.bytes) << "case " << i;
  }
}

}  // namespace
}  // namespace niwaki::kernels
