// Every kernel over rings: row after row, with only the rows that windows need in memory, gives the
// bytes of the whole tensor.

#include "libs/kernels/tensor.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/convolution.h"
#include "libs/kernels/elementwise.h"
#include "libs/kernels/movement.h"
#include "libs/kernels/pooling.h"
#include "libs/kernels/softmax.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

constexpr nw_window kWindow = {3, 3, 2, 1, 1, 1};
constexpr nw_window kPixel = {1, 1, 1, 1, 0, 0};

// A kernel with its parameters, over any input and output.
using Kernel = std::function<void(const nw_input&, const nw_output&, nw_rows)>;

struct Case {
  std::string name;
  nw_shape input;
  nw_shape output;
  // Rows of the input that the first row of the output reads, from row -padding on.
  int32_t window;
  int32_t stride;
  int32_t padding;
  Kernel kernel;
};

std::vector<int8_t> Random(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int8_t> values(size);
  for (int8_t& value : values) value = static_cast<int8_t>(random() % 256 - 128);
  return values;
}

nw_steps Planes(nw_shape shape, int32_t rows) { return {shape.width, 1, rows * shape.width}; }

nw_steps StepsOf(nw_shape shape, int32_t rows, bool planes) {
  return planes ? Planes(shape, rows) : nw_channels_innermost(shape);
}

// Copies one row of a dense tensor to where a tensor has it.
void Load(const std::vector<int8_t>& dense, int32_t row, const nw_output& to) {
  const nw_input from = In(dense, to.shape);
  nw_copy(&from, &to, {row, row + 1});
}

// The output of `kernel`, a row at a time: only `rows` rows of the input and one of the output lie
// in memory.
std::vector<int8_t> ByRows(const Case& c, const std::vector<int8_t>& input, bool planes) {
  const int32_t rows = std::min(c.window, c.input.height);
  std::vector<int8_t> in_ring(rows * c.input.width * c.input.channels, 77);
  std::vector<int8_t> out_ring(c.output.width * c.output.channels, 77);
  const nw_steps in_steps = StepsOf(c.input, rows, planes);
  const nw_steps out_steps = StepsOf(c.output, 1, planes);
  const nw_input in = {in_ring.data(), c.input, in_steps, rows};
  const nw_output filled = {in_ring.data(), c.input, in_steps, rows};
  const nw_output out = {out_ring.data(), c.output, out_steps, 1};
  const nw_input made = {out_ring.data(), c.output, out_steps, 1};
  std::vector<int8_t> result;
  const nw_output whole = Out(result, c.output);
  int32_t loaded = 0;
  for (int32_t y = 0; y < c.output.height; ++y) {
    const int32_t end = std::min(y * c.stride - c.padding + c.window, c.input.height);
    while (loaded < end) Load(input, loaded++, filled);
    c.kernel(in, out, {y, y + 1});
    nw_copy(&made, &whole, {y, y + 1});
  }
  return result;
}

std::vector<int8_t> Whole(const Case& c, const std::vector<int8_t>& input) {
  std::vector<int8_t> result;
  const nw_output out = Out(result, c.output);
  c.kernel(In(input, c.input), out, All(out));
  return result;
}

class RingTest : public ::testing::Test {
 protected:
  RingTest() {
    constexpr nw_shape kIn = {9, 5, 4};
    constexpr nw_shape kSame = kIn;
    constexpr nw_shape kHalf = {5, 5, 4};
    Add("convolution", kIn, kHalf, 3, 2, 1, [this](auto& in, auto& out, nw_rows rows) {
      nw_convolution(&in, &out, &kWindow, &filters_, &kLevels, rows);
    });
    Add("pointwise", kIn, kSame, 1, 1, 0, [this](auto& in, auto& out, nw_rows rows) {
      nw_convolution(&in, &out, &kPixel, &filters_, &kLevels, rows);
    });
    Add("depthwise", kIn, kHalf, 3, 2, 1, [this](auto& in, auto& out, nw_rows rows) {
      nw_depthwise(&in, &out, &kWindow, &filters_, &kLevels, rows);
    });
    Add("max pool", kIn, kHalf, 3, 2, 1,
        [](auto& in, auto& out, nw_rows rows) { nw_max_pool(&in, &out, &kWindow, kInt8, rows); });
    Add("average pool", kIn, kHalf, 3, 2, 1, [](auto& in, auto& out, nw_rows rows) {
      nw_average_pool(&in, &out, &kWindow, kInt8, rows);
    });
    Add("add to itself", kIn, kSame, 1, 1, 0,
        [](auto& in, auto& out, nw_rows rows) { nw_add(&in, &in, &out, &kAdd, rows); });
    Add("multiply by a gate", kIn, kSame, 1, 1, 0, [this](auto& in, auto& out, nw_rows rows) {
      const nw_input gate = In(gate_, {1, 1, 4});
      nw_multiply(&in, &gate, &out, &kMultiply, rows);
    });
    Add("rescale", kIn, kSame, 1, 1, 0,
        [](auto& in, auto& out, nw_rows rows) { nw_rescale(&in, &out, &kRescale, rows); });
    Add("table", kIn, kSame, 1, 1, 0,
        [this](auto& in, auto& out, nw_rows rows) { nw_look_up(&in, &out, table_.data(), rows); });
    Add("pad", kIn, {11, 7, 4}, 1, 1, 1,
        [](auto& in, auto& out, nw_rows rows) { nw_pad(&in, &out, 1, 1, -7, rows); });
    Add("softmax", kIn, kSame, 1, 1, 0,
        [](auto& in, auto& out, nw_rows rows) { nw_softmax(&in, &out, &kSoftmax, rows); });
  }

  void Add(std::string name, nw_shape input, nw_shape output, int32_t window, int32_t stride,
           int32_t padding, Kernel kernel) {
    cases_.push_back({std::move(name), input, output, window, stride, padding, std::move(kernel)});
  }

  static constexpr nw_levels kLevels = {3, -2, kInt8};
  static constexpr nw_add_levels kAdd = {1, 2, 3, kOne, kHalf, {1 << 30, -19}, kInt8};
  static constexpr nw_multiply_levels kMultiply = {1, 2, 3, {1 << 30, -5}, kInt8};
  static constexpr nw_rescale_levels kRescale = {1, -2, kHalf};
  static constexpr nw_softmax_levels kSoftmax = {{1 << 30, 22}, -200};

  const std::vector<int8_t> weights_ = Random(4 * 9 * 4, 1);
  const std::vector<int32_t> biases_ = {5, -300, 40, 7000};
  const std::vector<int32_t> multipliers_ = {1 << 30, 1 << 30, 1518500250, 1073741999};
  const std::vector<int8_t> shifts_ = {-5, -6, -7, -4};
  const nw_filters filters_ = {weights_.data(), biases_.data(), multipliers_.data(),
                               shifts_.data()};
  const std::vector<int8_t> gate_ = Random(4, 2);
  const std::vector<int8_t> table_ = Random(256, 3);
  std::vector<Case> cases_;
};

TEST_F(RingTest, RowsOfARingGiveTheBytesOfTheWhole) {
  for (const Case& c : cases_) {
    const std::vector<int8_t> input = Random(c.input.height * c.input.width * c.input.channels, 4);
    for (const bool planes : {false, true}) {
      SCOPED_TRACE(c.name + (planes ? ", planes" : ", channels innermost"));
      EXPECT_EQ(ByRows(c, input, planes), Whole(c, input));
    }
  }
}

TEST(LineTest, RowsFollowEachOtherAroundTheRing) {
  EXPECT_EQ(nw_line(0, 7), 7);
  EXPECT_EQ(nw_line(3, 2), 2);
  EXPECT_EQ(nw_line(3, 3), 0);
  EXPECT_EQ(nw_line(3, 7), 1);
}

}  // namespace
}  // namespace niwaki::kernels
