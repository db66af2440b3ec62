#include "libs/kernels/convolution.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

// Factors of 1 for `channels` channels.
struct Filters {
  Filters(std::vector<int8_t> values, std::vector<int32_t> sums)
      : weights(std::move(values)),
        biases(std::move(sums)),
        multipliers(biases.size(), kOne.multiplier),
        shifts(biases.size(), static_cast<int8_t>(kOne.shift)) {}
  nw_filters View() const {
    return {weights.data(), biases.data(), multipliers.data(), shifts.data()};
  }

  std::vector<int8_t> weights;
  std::vector<int32_t> biases;
  std::vector<int32_t> multipliers;
  std::vector<int8_t> shifts;
};

constexpr nw_window kPixel = {1, 1, 1, 1, 0, 0};
constexpr nw_levels kPlain = {0, 0, kInt8};

TEST(ConvolutionTest, PointwiseIsAMatrixProductWithBiasAndZeroPoints) {
  const std::vector<int8_t> input = {1, 2, 3, 4};
  const Filters filters({1, 1, 2, -1}, {10, -10});
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 2, 2});
  const nw_output out = Out(values, {1, 2, 2});
  const nw_filters view = filters.View();
  const nw_levels levels = {1, -5, kInt8};
  nw_convolution(&in, &out, &kPixel, &view, &levels, All(out));
  // ((1-1) + (2-1)) + 10 - 5; 2*(1-1) - (2-1) - 10 - 5; the same of 3 and 4.
  EXPECT_THAT(values, ElementsAre(6, -16, 10, -14));
}

TEST(ConvolutionTest, PaddingIsTheZeroPointAndMayDifferOnTwoSides) {
  // 3 x 3 of ones over 2 x 2 threes with zero point 3: nothing is left.
  const std::vector<int8_t> threes(4, 3);
  const Filters filters(std::vector<int8_t>(9, 1), {0});
  std::vector<int8_t> values;
  const nw_filters view = filters.View();
  const nw_levels levels = {3, 7, kInt8};
  nw_input in = In(threes, {2, 2, 1});
  nw_output out = Out(values, {2, 2, 1});
  const nw_window same = {3, 3, 1, 1, 1, 1};
  nw_convolution(&in, &out, &same, &view, &levels, All(out));
  EXPECT_THAT(values, ElementsAre(7, 7, 7, 7));
  // Stride 2 over 4 pixels in a row, TensorFlow's SAME: nothing before, one behind.
  const std::vector<int8_t> row = {1, 2, 3, 4};
  in = In(row, {1, 4, 1});
  out = Out(values, {1, 2, 1});
  const Filters ones({1, 1, 1}, {0});
  const nw_filters ones_view = ones.View();
  const nw_window wide = {1, 3, 1, 2, 0, 0};
  nw_convolution(&in, &out, &wide, &ones_view, &kPlain, All(out));
  EXPECT_THAT(values, ElementsAre(6, 7));
}

TEST(ConvolutionTest, OutputIsClampedToTheActivation) {
  const std::vector<int8_t> input = {-50, 20, 120};
  const Filters filters({1}, {0});
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 3, 1});
  const nw_output out = Out(values, {1, 3, 1});
  const nw_filters view = filters.View();
  const nw_levels relu6 = {0, 0, {0, 60}};
  nw_convolution(&in, &out, &kPixel, &view, &relu6, All(out));
  EXPECT_THAT(values, ElementsAre(0, 20, 60));
}

TEST(ConvolutionTest, RowsAreComputedAlone) {
  const std::vector<int8_t> input = {1, 2, 3, 4};
  const Filters filters({2}, {0});
  std::vector<int8_t> values;
  const nw_input in = In(input, {4, 1, 1});
  const nw_output out = Out(values, {4, 1, 1});
  const nw_filters view = filters.View();
  nw_convolution(&in, &out, &kPixel, &view, &kPlain, {1, 3});
  EXPECT_THAT(values, ElementsAre(99, 4, 6, 99));
}

TEST(ConvolutionTest, PlanesOfChannelsGiveTheSameNumbers) {
  // Channels of two pixels, apart: steps say so.
  const std::vector<int8_t> planes = {1, 3, 2, 4};
  const Filters filters({1, 10}, {0});
  std::vector<int8_t> values;
  nw_input in = In(planes, {1, 2, 2});
  in.steps = {2, 1, 2};
  const nw_output out = Out(values, {1, 2, 1});
  const nw_filters view = filters.View();
  nw_convolution(&in, &out, &kPixel, &view, &kPlain, All(out));
  EXPECT_THAT(values, ElementsAre(21, 43));
}

TEST(DepthwiseTest, EveryChannelHasItsFilter) {
  // Two channels in a row of three pixels; the filters are [1, 0, 0] and [0, 0, 1].
  const std::vector<int8_t> input = {1, 10, 2, 20, 3, 30};
  const Filters filters({1, 0, 0, 0, 0, 1}, {0, 0});
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 3, 2});
  const nw_output out = Out(values, {1, 3, 2});
  const nw_filters view = filters.View();
  const nw_window window = {1, 3, 1, 1, 0, 1};
  nw_depthwise(&in, &out, &window, &view, &kPlain, All(out));
  EXPECT_THAT(values, ElementsAre(0, 20, 1, 30, 2, 0));
}

TEST(DepthwiseTest, SeveralFiltersReadOneChannel) {
  const std::vector<int8_t> input = {3, 5};
  const Filters filters({1, 2, 3, 4}, {0, 0, 0, 0});
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 1, 2});
  const nw_output out = Out(values, {1, 1, 4});
  const nw_filters view = filters.View();
  nw_depthwise(&in, &out, &kPixel, &view, &kPlain, All(out));
  EXPECT_THAT(values, ElementsAre(3, 6, 15, 20));
}

// Random levels through a window of `kernel` and `stride` with half a kernel of padding: in place
// and apart.
void CompareInPlace(int kernel, int stride) {
  SCOPED_TRACE(::testing::Message() << "kernel " << kernel << ", stride " << stride);
  const nw_shape shape = {7, 6, 3};
  uint32_t state = 1;
  const auto level = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<int8_t>(state >> 24);
  };
  std::vector<int8_t> input(7 * 6 * 3);
  for (int8_t& value : input) value = level();
  std::vector<int8_t> weights(kernel * kernel * 3);
  for (int8_t& value : weights) value = level();
  Filters filters(weights, {100, -7, 0});
  filters.shifts = {-7, -8, -6};
  const nw_filters view = filters.View();
  const int half = kernel / 2;
  const nw_window window = {kernel, kernel, stride, stride, half, half};
  const nw_levels levels = {-3, 5, kInt8};
  const nw_shape out_shape = {(7 + 2 * half - kernel) / stride + 1,
                              (6 + 2 * half - kernel) / stride + 1, 3};
  std::vector<int8_t> apart;
  const nw_output out = Out(apart, out_shape);
  const nw_input in = In(input, shape);
  nw_depthwise(&in, &out, &window, &view, &levels, All(out));

  const nw_extent plane = {7 + 2 * half, 6 + 2 * half};
  std::vector<int16_t> scratch(NW_DEPTHWISE_SCRATCH(plane.height, plane.width) / sizeof(int16_t));
  const nw_output over = {input.data(), out_shape, nw_channels_innermost(out_shape), 0};
  nw_depthwise_in_place(&in, &over, &window, &view, &levels, scratch.data(), plane, All(out));
  EXPECT_EQ(std::vector<int8_t>(input.begin(), input.begin() + apart.size()), apart);
}

TEST(DepthwiseTest, OutputMayOverwriteItsInput) {
  for (const int kernel : {1, 3, 5, 7}) {
    for (const int stride : {1, 2}) CompareInPlace(kernel, stride);
  }
}

TEST(DepthwiseTest, PlanesOverwriteEachOtherInOrder) {
  // Two planes of 1 x 4; stride 2 makes them 1 x 2, one behind the other.
  std::vector<int8_t> planes = {1, 2, 3, 4, 10, 20, 30, 40};
  const Filters filters({1, 1, 1, -1}, {0, 0});
  const nw_filters view = filters.View();
  const nw_input in = {planes.data(), {1, 4, 2}, {4, 1, 4}, 0};
  const nw_output out = {planes.data(), {1, 2, 2}, {2, 1, 2}, 0};
  const nw_window window = {1, 2, 1, 2, 0, 0};
  int16_t scratch[4];
  nw_depthwise_in_place(&in, &out, &window, &view, &kPlain, scratch, {1, 4}, {0, 1});
  EXPECT_THAT(planes, ElementsAre(3, 7, -10, -10, 10, 20, 30, 40));
}

}  // namespace
}  // namespace niwaki::kernels
