#include "libs/kernels/fast/pointwise.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

constexpr nw_window kPixel = {1, 1, 1, 1, 0, 0};

// A layer of `in` to `out` channels at a random size, partly by rings, in scratch of random size.
void Check(Random& random, int in, int out, int width, TestScales scales) {
  const int height = Uniform(random, 1, 6);
  nw_rows rows = {0, height};
  int in_ring = 0;
  int out_ring = 0;
  if (Uniform(random, 0, 2) == 0) {
    rows.begin = Uniform(random, 0, height - 1);
    rows.end = Uniform(random, rows.begin + 1, height);
    in_ring = Uniform(random, rows.end - rows.begin, height + 1);
    out_ring = Uniform(random, rows.end - rows.begin, height + 1);
  }
  const TestTensor input(random, {height, width, in}, RandomLayout(random), in_ring);
  TestTensor fast(random, {height, width, out}, RandomLayout(random), out_ring);
  TestTensor plain = fast;
  const TestFilters filters(random, static_cast<size_t>(in) * out, out, in, scales);
  const nw_levels levels = RandomLevels(random);
  const nw_input x = input.In();
  const nw_filters view = filters.View();
  nw_output expected = plain.Out();
  nw_convolution(&x, &expected, &kPixel, &view, &levels, rows);
  const int bytes = NW_LEAST_CONVOLUTION_SCRATCH(1, 1, in) + 4 * Uniform(random, 0, 12 * in);
  std::vector<uint32_t> scratch(bytes / 4);
  nw_output got = fast.Out();
  nw_fast_pointwise(&x, &got, &view, &levels, scratch.data(), bytes, rows);
  ASSERT_EQ(fast.bytes, plain.bytes)
      << in << " to " << out << " channels, " << height << " x " << width << ", rows " << rows.begin
      << " to " << rows.end << ", rings " << in_ring << " and " << out_ring;
}

TEST(FastPointwiseTest, EqualsPlainForEveryTailOfChannelsAndWidth) {
  const unsigned seed = 20260101;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int in = 1; in <= 24; ++in) {
    for (int out = 1; out <= 9; ++out) {
      for (int width = 1; width <= 9; ++width) {
        Check(random, in, out, width, TestScales::kUsual);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(FastPointwiseTest, EqualsPlainForAnyScaling) {
  const unsigned seed = 20260102;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 3000; ++i) {
    Check(random, Uniform(random, 1, 48), Uniform(random, 1, 8), Uniform(random, 1, 12),
          TestScales::kAny);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace niwaki::kernels
