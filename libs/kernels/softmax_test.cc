#include "libs/kernels/softmax.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

// Of an input scale of 1/16: 1/16 * 2^26 = 2^22, differences below 31 * 16 count as nothing.
constexpr nw_softmax_levels kSixteenth = {{1 << 30, 23}, -248};

TEST(SoftmaxTest, EqualInputsShareEqually) {
  const std::vector<int8_t> input = {5, 5, 5, 5};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 1, 4});
  const nw_output out = Out(values, {1, 1, 4});
  nw_softmax(&in, &out, &kSixteenth, All(out));
  EXPECT_THAT(values, ElementsAre(-64, -64, -64, -64));
}

TEST(SoftmaxTest, IsWithinOneLevelOfTheRealOne) {
  std::vector<int8_t> input;
  for (int i = 0; i < 12; ++i) input.push_back(static_cast<int8_t>(i * 37 % 101 - 50));
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 1, 12});
  const nw_output out = Out(values, {1, 1, 12});
  nw_softmax(&in, &out, &kSixteenth, All(out));
  double sum = 0;
  for (const int8_t level : input) sum += std::exp(level / 16.0);
  for (size_t i = 0; i < input.size(); ++i) {
    EXPECT_NEAR(values[i], 256 * std::exp(input[i] / 16.0) / sum - 128, 1) << i;
  }
}

TEST(SoftmaxTest, OneThatIsFarAboveTakesAll) {
  const std::vector<int8_t> input = {-128, 127, -128};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 1, 3});
  const nw_output out = Out(values, {1, 1, 3});
  nw_softmax(&in, &out, &kSixteenth, All(out));
  EXPECT_THAT(values, ElementsAre(-128, 127, -128));
}

}  // namespace
}  // namespace niwaki::kernels
