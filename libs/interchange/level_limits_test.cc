#include "libs/interchange/level_limits.h"

#include <limits>

#include "gtest/gtest.h"

namespace niwaki::interchange {
namespace {

TEST(LevelLimitsTest, SumsThatFitAreLetPass) {
  engine::QuantisedWeight weight;
  weight.values = {127, -128, 3, 0};
  weight.biases = {std::numeric_limits<int32_t>::max() - 255 * 255, 0};
  EXPECT_FALSE(FindSumBeyond(weight, /*channels_outermost=*/true).has_value());
  EXPECT_FALSE(FindSumBeyond(engine::QuantisedWeight(), true).has_value());
}

TEST(LevelLimitsTest, FirstChannelBeyondIsNamed) {
  engine::QuantisedWeight weight;
  weight.values = {0, 1, 0, 2};
  weight.biases = {0, std::numeric_limits<int32_t>::max() - 255};
  // Outermost: the second channel has 0 and 2; innermost 1 and 2.
  const auto outer = FindSumBeyond(weight, true);
  ASSERT_TRUE(outer.has_value());
  EXPECT_EQ(outer->channel, 1);
  EXPECT_EQ(outer->largest, int64_t{std::numeric_limits<int32_t>::max()} + 255);
  const auto inner = FindSumBeyond(weight, false);
  ASSERT_TRUE(inner.has_value());
  EXPECT_EQ(inner->largest, int64_t{std::numeric_limits<int32_t>::max()} + 2 * 255);
}

}  // namespace
}  // namespace niwaki::interchange
