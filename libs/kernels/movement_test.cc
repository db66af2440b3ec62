#include "libs/kernels/movement.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/kernels/test_tensor.h"

namespace niwaki::kernels {
namespace {

using ::testing::ElementsAre;

TEST(PadTest, ValueStandsAround) {
  const std::vector<int8_t> input = {1, 2};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 2, 1});
  const nw_output out = Out(values, {2, 4, 1});
  nw_pad(&in, &out, 1, 1, -7, All(out));
  EXPECT_THAT(values, ElementsAre(-7, -7, -7, -7, -7, 1, 2, -7));
}

TEST(CopyTest, PartGoesIntoASliceOfChannels) {
  const std::vector<int8_t> input = {1, 2};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 2, 1});
  nw_output out = Out(values, {1, 2, 3});
  out.data += 1;
  out.shape.channels = 1;
  nw_copy(&in, &out, All(out));
  EXPECT_THAT(values, ElementsAre(99, 1, 99, 99, 2, 99));
}

TEST(TransposeTest, ChannelsFirst) {
  const std::vector<int8_t> input = {1, 10, 2, 20, 3, 30};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 3, 2});
  const nw_output out = Out(values, {2, 1, 3});
  const int8_t order[3] = {2, 0, 1};
  nw_transpose(&in, &out, order, All(out));
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 10, 20, 30));
}

TEST(RepeatTest, FactorsAreThoseOfTheShapes) {
  const std::vector<int8_t> input = {1, 2};
  std::vector<int8_t> values;
  const nw_input in = In(input, {1, 2, 1});
  const nw_output out = Out(values, {2, 6, 1});
  nw_repeat(&in, &out, All(out));
  EXPECT_THAT(values, ElementsAre(1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2));
}

}  // namespace
}  // namespace niwaki::kernels
