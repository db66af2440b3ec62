#include "libs/kernels/fast/depthwise.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/fast/test_layers.h"

namespace niwaki::kernels {
namespace {

struct Layer {
  nw_window window;
  nw_shape in;
  nw_shape out;
};

// A window of `kernel` and `stride` over `width` columns, padded as it comes.
Layer RandomLayer(Random& random, int kernel, int stride, int channels, int width) {
  Layer layer;
  const int top = Uniform(random, 0, kernel / 2);
  const int left = Uniform(random, 0, kernel / 2);
  const int below = Uniform(random, 0, kernel / 2);
  const int right = Uniform(random, 0, kernel / 2);
  const int height =
      std::max(kernel - top - below, Uniform(random, 1, Uniform(random, 0, 1) == 0 ? 9 : 30));
  width = std::max(kernel - left - right, width);
  layer.window = {kernel, kernel, stride, stride, top, left};
  layer.in = {height, width, channels};
  layer.out = {(height + top + below - kernel) / stride + 1,
               (width + left + right - kernel) / stride + 1, channels};
  return layer;
}

int ScratchBytes(const Layer& layer) {
  const nw_window& window = layer.window;
  const int padded = (layer.out.width - 1) * window.stride_width + window.kernel_width;
  return NW_DEPTHWISE_ROWS_SCRATCH(padded);
}

void Check(Random& random, const Layer& layer, TestScales scales) {
  const nw_window& window = layer.window;
  ASSERT_TRUE(nw_fast_depthwise_takes(&window));
  nw_rows rows = {0, layer.out.height};
  int in_ring = 0;
  int out_ring = 0;
  if (Uniform(random, 0, 2) == 0) {
    rows.begin = Uniform(random, 0, layer.out.height - 1);
    rows.end = Uniform(random, rows.begin + 1, layer.out.height);
    in_ring = Uniform(random, RowsNeeded(window, layer.in.height, rows), layer.in.height + 1);
    out_ring = Uniform(random, rows.end - rows.begin, layer.out.height + 1);
  }
  const TestTensor input(random, layer.in, RandomLayout(random), in_ring);
  TestTensor fast(random, layer.out, RandomLayout(random), out_ring);
  TestTensor plain = fast;
  const int terms = window.kernel_height * window.kernel_width;
  const TestFilters filters(random, static_cast<size_t>(terms) * layer.out.channels,
                            layer.out.channels, terms, scales);
  const nw_levels levels = RandomLevels(random);
  const nw_input x = input.In();
  const nw_filters view = filters.View();
  nw_output expected = plain.Out();
  nw_depthwise(&x, &expected, &window, &view, &levels, rows);
  std::vector<uint32_t> scratch(ScratchBytes(layer) / 4);
  nw_output got = fast.Out();
  nw_fast_depthwise(&x, &got, &window, &view, &levels, scratch.data(), rows);
  ASSERT_EQ(fast.bytes, plain.bytes)
      << window.kernel_height << " stride " << window.stride_height << ", " << layer.in.height
      << " x " << layer.in.width << " x " << layer.in.channels << ", padded " << window.padding_top
      << " and " << window.padding_left << ", rows " << rows.begin << " to " << rows.end
      << ", rings " << in_ring << " and " << out_ring;
}

TEST(FastDepthwiseTest, EqualsPlainForEveryKernelStrideAndTailOfWidth) {
  const unsigned seed = 20260111;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (const int kernel : {3, 5, 7}) {
    for (const int stride : {1, 2}) {
      for (int width = 1; width <= 24; ++width) {
        for (int channels = 1; channels <= 9; ++channels) {
          Check(random, RandomLayer(random, kernel, stride, channels, width), TestScales::kUsual);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(FastDepthwiseTest, EqualsPlainForAnyScaling) {
  const unsigned seed = 20260112;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 1500; ++i) {
    const int kernel = 3 + 2 * Uniform(random, 0, 2);
    const Layer layer = RandomLayer(random, kernel, Uniform(random, 1, 2), Uniform(random, 1, 9),
                                    Uniform(random, 1, 16));
    Check(random, layer, TestScales::kAny);
    if (HasFatalFailure()) return;
  }
}

TEST(FastDepthwiseTest, OutputsOfOneInputMayBeMany) {
  const unsigned seed = 20260113;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 200; ++i) {
    Layer layer = RandomLayer(random, 3, Uniform(random, 1, 2), 2,
                              Uniform(random, 1, Uniform(random, 0, 1) == 0 ? 9 : 30));
    layer.out.channels = 2 * Uniform(random, 2, 4);
    Check(random, layer, TestScales::kUsual);
    if (HasFatalFailure()) return;
  }
}

TEST(FastDepthwiseTest, OutputMayOverwriteTheInput) {
  const unsigned seed = 20260114;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  for (int i = 0; i < 1000; ++i) {
    const int kernel = 3 + 2 * Uniform(random, 0, 2);
    const Layer layer = RandomLayer(random, kernel, Uniform(random, 1, 2), Uniform(random, 1, 5),
                                    Uniform(random, 1, 16));
    if (layer.out.width > layer.in.width || layer.out.height > layer.in.height) continue;
    const TestLayout layout = i % 2 == 0 ? TestLayout::kPlanar : TestLayout::kInterleaved;
    TestTensor both(random, layer.in, layout);
    TestTensor plain(random, layer.out, layout);
    const int terms = kernel * kernel;
    const TestFilters filters(random, static_cast<size_t>(terms) * layer.in.channels,
                              layer.in.channels, terms, TestScales::kUsual);
    const nw_levels levels = RandomLevels(random);
    const nw_filters view = filters.View();
    const nw_rows all = {0, layer.out.height};
    const nw_input x = both.In();
    nw_output expected = plain.Out();
    nw_depthwise(&x, &expected, &layer.window, &view, &levels, all);
    const nw_output got = {both.bytes.data(), layer.out, plain.steps, 0};
    std::vector<uint32_t> scratch(ScratchBytes(layer) / 4);
    nw_fast_depthwise(&x, &got, &layer.window, &view, &levels, scratch.data(), all);
    both.bytes.resize(plain.bytes.size());
    ASSERT_EQ(both.bytes, plain.bytes) << kernel << ", case " << i;
  }
}

}  // namespace
}  // namespace niwaki::kernels
