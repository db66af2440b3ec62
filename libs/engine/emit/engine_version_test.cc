#include "libs/engine/emit/engine_version.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

TEST(EngineVersionTest, IsTheSameSixteenHexadecimalDigitsEveryTime) {
  EXPECT_THAT(EngineVersion(), ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(EngineVersion().size(), 16u);
  EXPECT_EQ(EngineVersion(), EngineVersion());
}

}  // namespace
}  // namespace niwaki::engine
