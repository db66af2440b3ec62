#include "services/boards/options.h"

#include <stdlib.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::boards {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "niwaki-boards");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, DefaultsAreOfThisMachine) {
  setenv("XDG_CACHE_HOME", "/caches", 1);
  unsetenv("NIWAKI_ORACLE");
  const ParsedOptions parsed = Parse({});
  ASSERT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.oracle, "127.0.0.1:50052");
  EXPECT_EQ(parsed.options.cache_dir, "/caches/niwaki");
  EXPECT_EQ(parsed.options.compiler, "arm-none-eabi-gcc");
  EXPECT_FALSE(parsed.options.name.empty());
}

TEST(OptionsTest, BoardsMayBeGivenAgainAndByComma) {
  const ParsedOptions parsed = Parse({"--oracle", "o:1", "--name", "lab", "--board", "a.yaml",
                                      "--board", "b.yaml", "--emulated", "m4,m7=stm32f746"});
  ASSERT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.oracle, "o:1");
  EXPECT_THAT(parsed.options.board_files, ElementsAre("a.yaml", "b.yaml"));
  EXPECT_THAT(parsed.options.emulated, ElementsAre("m4", "m7=stm32f746"));
}

TEST(OptionsTest, WrongValuesAreRefused) {
  EXPECT_THAT(Parse({"--name", "Lab"}).exit_code, Optional(2));
  EXPECT_THAT(Parse({"--name", "-lab"}).exit_code, Optional(2));
  EXPECT_THAT(Parse({"--drain-timeout", "-1"}).exit_code, Optional(2));
  EXPECT_THAT(Parse({"--name-patience", "nan"}).exit_code, Optional(2));
  EXPECT_THAT(Parse({"--board", ""}).exit_code, Optional(2));
  EXPECT_THAT(Parse({"--help"}).exit_code, Optional(0));
}

}  // namespace
}  // namespace niwaki::boards
