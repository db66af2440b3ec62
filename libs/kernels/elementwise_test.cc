#include "libs/kernels/elementwise.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

// Both operands and the output at one scale: each is half of twice the scale, and the sum comes
// back by 2 / 2^20.
constexpr nw_add_levels kSameScale = {0, 0, 0, kHalf, kHalf, {1 << 30, 2 - NW_ADD_SHIFT}, kInt8};

TEST(AddTest, SumsSaturateAndZeroPointsCount) {
  const std::vector<int8_t> first = {1, 100, -100};
  const std::vector<int8_t> second = {2, 100, -100};
  std::vector<int8_t> values;
  const nw_input a = In(first, {1, 3, 1});
  const nw_input b = In(second, {1, 3, 1});
  const nw_output out = Out(values, {1, 3, 1});
  nw_add(&a, &b, &out, &kSameScale, All(out));
  EXPECT_THAT(values, ElementsAre(3, 127, -128));
  nw_add_levels levels = kSameScale;
  levels.first_zero = 1;
  levels.second_zero = 2;
  levels.output_zero = -7;
  nw_add(&a, &b, &out, &levels, All(out));
  EXPECT_THAT(values, ElementsAre(-7, 127, -128));
}

TEST(AddTest, OnePixelHoldsForAll) {
  const std::vector<int8_t> first = {1, 2, 3, 4};
  const std::vector<int8_t> second = {10, 20};
  std::vector<int8_t> values;
  const nw_input a = In(first, {1, 2, 2});
  const nw_input b = In(second, {1, 1, 2});
  const nw_output out = Out(values, {1, 2, 2});
  nw_add(&a, &b, &out, &kSameScale, All(out));
  EXPECT_THAT(values, ElementsAre(11, 22, 13, 24));
}

TEST(AddTest, OutputMayBeAnOperand) {
  std::vector<int8_t> values = {1, 2, 3};
  const std::vector<int8_t> second = {5, 5, 5};
  const nw_shape shape = {1, 3, 1};
  const nw_input a = In(values, shape);
  const nw_input b = In(second, shape);
  const nw_output out = {values.data(), shape, nw_channels_innermost(shape), 0};
  nw_add(&a, &b, &out, &kSameScale, All(out));
  EXPECT_THAT(values, ElementsAre(6, 7, 8));
}

TEST(MultiplyTest, GateScalesChannels) {
  const std::vector<int8_t> first = {10, 20, 30, 40};
  const std::vector<int8_t> gate = {2, 4};
  std::vector<int8_t> values;
  const nw_input a = In(first, {2, 1, 2});
  const nw_input b = In(gate, {1, 1, 2});
  const nw_output out = Out(values, {2, 1, 2});
  const nw_multiply_levels levels = {0, 1, 3, kHalf, {-128, 50}};
  nw_multiply(&a, &b, &out, &levels, All(out));
  // 10 * (2-1) / 2 + 3, 20 * (4-1) / 2 + 3, ...
  EXPECT_THAT(values, ElementsAre(8, 33, 18, 50));
}

TEST(RescaleTest, HalvesAroundTheZeroPoint) {
  const std::vector<int8_t> input = {-128, 0, 10, 127};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 4, 1});
  const nw_output out = Out(values, {1, 4, 1});
  const nw_rescale_levels levels = {10, -1, kHalf};
  nw_rescale(&in, &out, &levels, All(out));
  // -138 / 2, -10 / 2, 0, 117 / 2 rounded up.
  EXPECT_THAT(values, ElementsAre(-70, -6, -1, 58));
}

TEST(LookUpTest, TableBeginsAtTheLowestLevel) {
  int8_t table[256];
  for (int i = 0; i < 256; ++i) table[i] = static_cast<int8_t>(127 - i);
  const std::vector<int8_t> input = {-128, 0, 127};
  std::vector<int8_t> values;
  const nw_input in = In(input, {3, 1, 1});
  const nw_output out = Out(values, {3, 1, 1});
  nw_look_up(&in, &out, table, All(out));
  EXPECT_THAT(values, ElementsAre(127, -1, -128));
}

}  // namespace
}  // namespace niwaki::kernels
