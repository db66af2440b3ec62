#include "libs/kernels/fast/window.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

void Check(Random& random, int kernel_height, int kernel_width, int in, int out, int width,
           TestScales scales) {
  const int stride = Uniform(random, 1, 2);
  const int top = Uniform(random, 0, kernel_height / 2);
  const int left = Uniform(random, 0, kernel_width / 2);
  const int height = std::max(kernel_height - top, Uniform(random, 1, 7));
  width = std::max(kernel_width - left, width);
  const nw_window window = {kernel_height, kernel_width, stride, stride, top, left};
  const int below = Uniform(random, 0, kernel_height / 2);
  const int right = Uniform(random, 0, kernel_width / 2);
  const nw_shape shape = {(height + top + below - kernel_height) / stride + 1,
                          (width + left + right - kernel_width) / stride + 1, out};
  nw_rows rows = {0, shape.height};
  int in_ring = 0;
  int out_ring = 0;
  if (Uniform(random, 0, 2) == 0) {
    rows.begin = Uniform(random, 0, shape.height - 1);
    rows.end = Uniform(random, rows.begin + 1, shape.height);
    in_ring = Uniform(random, RowsNeeded(window, height, rows), height + 1);
    out_ring = Uniform(random, rows.end - rows.begin, shape.height + 1);
  }
  const TestTensor input(random, {height, width, in}, RandomLayout(random), in_ring);
  TestTensor fast(random, shape, RandomLayout(random), out_ring);
  TestTensor plain = fast;
  const int terms = kernel_height * kernel_width * in;
  const TestFilters filters(random, static_cast<size_t>(terms) * out, out, terms, scales);
  const nw_levels levels = RandomLevels(random);
  const nw_input x = input.In();
  const nw_filters view = filters.View();
  nw_output expected = plain.Out();
  nw_convolution(&x, &expected, &window, &view, &levels, rows);
  const int bytes = NW_LEAST_CONVOLUTION_SCRATCH(kernel_height, kernel_width, in) +
                    4 * Uniform(random, 0, 12 * terms);
  std::vector<uint32_t> scratch(bytes / 4);
  nw_output got = fast.Out();
  nw_fast_convolution(&x, &got, &window, &view, &levels, scratch.data(), bytes, rows);
  ASSERT_EQ(fast.bytes, plain.bytes)
      << kernel_height << " x " << kernel_width << " stride " << stride << ", " << height << " x "
      << width << " x " << in << " to " << out << " channels, rows " << rows.begin << " to "
      << rows.end << ", rings " << in_ring << " and " << out_ring;
}

TEST(FastConvolutionTest, EqualsPlainForEveryTailOfChannelsAndWidth) {
  const unsigned seed = 20260121;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int in = 1; in <= 9; ++in) {
    for (int out = 1; out <= 9; ++out) {
      for (int width = 1; width <= 9; ++width) {
        Check(random, 3, 3, in, out, width, TestScales::kUsual);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(FastConvolutionTest, EqualsPlainForAnyWindowAndScaling) {
  const unsigned seed = 20260122;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 1500; ++i) {
    Check(random, Uniform(random, 1, 10), Uniform(random, 1, 7), Uniform(random, 1, 5),
          Uniform(random, 1, 5), Uniform(random, 1, 12), TestScales::kAny);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace niwaki::kernels
