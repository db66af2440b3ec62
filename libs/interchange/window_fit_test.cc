#include "libs/interchange/window_fit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::interchange {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(WindowFitTest, PaddingOfTheGraphStays) {
  // 8 cells, windows of 3 every 2: with 1 in front 4 windows, whether or not one is behind.
  EXPECT_THAT(PaddingBehind(8, 4, 3, 2, 1, 1), Optional(1));
  EXPECT_THAT(PaddingBehind(8, 4, 3, 2, 1, 0), Optional(0));
}

TEST(WindowFitTest, LastWindowGetsWhatItNeeds) {
  EXPECT_THAT(PaddingBehind(8, 4, 3, 2, 0, 0), Optional(1));
  EXPECT_THAT(PaddingBehind(5, 5, 3, 1, 1, 3), Optional(1));
}

TEST(WindowFitTest, WindowsThatCannotBeAreRefused) {
  EXPECT_THAT(PaddingBehind(9, 2, 3, 1, 0, 0), Eq(std::nullopt));
}

}  // namespace
}  // namespace niwaki::interchange
