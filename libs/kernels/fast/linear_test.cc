#include "libs/kernels/fast/linear.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

TEST(FastLinearTest, EqualsPlainForEveryTailAndAnyScaling) {
  const unsigned seed = 20260131;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  const nw_window window = {1, 1, 1, 1, 0, 0};
  for (int in = 1; in <= 130; ++in) {
    for (int out = 1; out <= 9; ++out) {
      const TestTensor input(random, {1, 1, in}, TestLayout::kInterleaved);
      TestTensor fast(random, {1, 1, out}, TestLayout::kInterleaved);
      TestTensor plain = fast;
      const TestFilters filters(random, static_cast<size_t>(in) * out, out, in,
                                out % 2 == 0 ? TestScales::kUsual : TestScales::kAny);
      const nw_levels levels = RandomLevels(random);
      const nw_input x = input.In();
      const nw_filters view = filters.View();
      nw_output expected = plain.Out();
      nw_convolution(&x, &expected, &window, &view, &levels, {0, 1});
      std::vector<uint32_t> scratch(NW_LINEAR_SCRATCH(in) / 4);
      nw_output got = fast.Out();
      nw_fast_linear(&x, &got, &view, &levels, scratch.data());
      ASSERT_EQ(fast.bytes, plain.bytes) << in << " to " << out;
    }
  }
}

}  // namespace
}  // namespace niwaki::kernels
