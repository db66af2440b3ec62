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

// Rows of a layer, some a call, whose outputs lie in the ring of the input: over the rows that
// their windows begin with. `fast` or by planes.
void CheckInRing(Random& random, const Layer& layer, int rows_of_call, bool fast) {
  const nw_window& window = layer.window;
  const int ring = window.kernel_height + (rows_of_call - 1) * window.stride_height;
  const int terms = window.kernel_height * window.kernel_width;
  const TestTensor input(random, layer.in, TestLayout::kPlanar);
  TestTensor plain(random, layer.out, TestLayout::kPlanar);
  const TestFilters filters(random, static_cast<size_t>(terms) * layer.in.channels,
                            layer.in.channels, terms, TestScales::kUsual);
  const nw_levels levels = RandomLevels(random);
  const nw_filters view = filters.View();
  const nw_input x = input.In();
  nw_output expected = plain.Out();
  nw_depthwise(&x, &expected, &window, &view, &levels, {0, layer.out.height});
  TestTensor both(random, {ring, layer.in.width, layer.in.channels}, TestLayout::kPlanar);
  const int parts = layer.in.width / layer.out.width;
  const nw_extent plane = {window.kernel_height,
                           layer.in.width + window.padding_left + window.kernel_width};
  std::vector<uint32_t> scratch(ScratchBytes(layer) / 4);
  std::vector<int16_t> plane_scratch(NW_DEPTHWISE_SCRATCH(plane.height, plane.width) / 2);
  int loaded = 0;
  for (int y = 0; y < layer.out.height; y += rows_of_call) {
    const nw_rows rows = {y, std::min(y + rows_of_call, layer.out.height)};
    const int needed = std::min(layer.in.height, (rows.end - 1) * window.stride_height -
                                                     window.padding_top + window.kernel_height);
    for (; loaded < needed; ++loaded) {
      for (int c = 0; c < layer.in.channels; ++c) {
        const int8_t* const row = &input.bytes[nw_offset(input.steps, loaded, 0, c)];
        std::copy(row, row + layer.in.width,
                  &both.bytes[nw_offset(both.steps, loaded % ring, 0, c)]);
      }
    }
    const int out_ring = parts * ring;
    const int turn =
        (y * (parts * window.stride_height - 1) + out_ring - parts * window.padding_top) % out_ring;
    const nw_input in = {both.bytes.data(), layer.in, both.steps, ring, 0};
    const nw_steps steps = {layer.out.width, 1, both.steps.channel};
    const nw_output out = {both.bytes.data(), layer.out, steps, out_ring, turn};
    if (fast) {
      nw_fast_depthwise(&in, &out, &window, &view, &levels, scratch.data(), rows);
    } else {
      nw_depthwise_in_place(&in, &out, &window, &view, &levels, plane_scratch.data(), plane, rows);
    }
    for (int row = rows.begin; row < rows.end; ++row) {
      for (int c = 0; c < layer.in.channels; ++c) {
        const int8_t* const got = &both.bytes[nw_offset(steps, nw_output_line(&out, row), 0, c)];
        const int8_t* const wanted = &plain.bytes[nw_offset(plain.steps, row, 0, c)];
        ASSERT_TRUE(std::equal(got, got + layer.out.width, wanted))
            << window.kernel_height << " stride " << window.stride_height << ", row " << row
            << ", channel " << c << ", " << rows_of_call << " rows a call";
      }
    }
  }
}

TEST(FastDepthwiseTest, RowsMayLieInTheRingOfTheInput) {
  const unsigned seed = 20260115;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed);
  int checked = 0;
  for (int i = 0; i < 4000; ++i) {
    const int kernel = 3 + 2 * Uniform(random, 0, 2);
    const Layer layer = RandomLayer(random, kernel, Uniform(random, 1, 2), Uniform(random, 1, 5),
                                    Uniform(random, 1, 24));
    const int rows = Uniform(random, 1, 12);
    if (layer.in.width % layer.out.width != 0) continue;
    if (kernel + (rows - 1) * layer.window.stride_height > layer.in.height) continue;
    CheckInRing(random, layer, rows, /*fast=*/i % 3 > 0);
    if (HasFatalFailure()) return;
    ++checked;
  }
  EXPECT_GT(checked, 400);
}

}  // namespace
}  // namespace niwaki::kernels
