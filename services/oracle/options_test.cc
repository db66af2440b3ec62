#include "services/oracle/options.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::oracle {
namespace {

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "niwaki-oracle");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, DefaultsListenOnLoopback) {
  setenv("XDG_DATA_HOME", "/nowhere", /*overwrite=*/1);

  const ParsedOptions parsed = Parse({});

  EXPECT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.listen, "127.0.0.1:50052");
  EXPECT_EQ(parsed.options.db_path, "niwaki-data/oracle.db");
  EXPECT_TRUE(parsed.options.reflection);
}

TEST(OptionsTest, DatabaseOfEarlierVersionsIsUsedOn) {
  const std::string data = getenv("TEST_TMPDIR");
  setenv("XDG_DATA_HOME", data.c_str(), /*overwrite=*/1);
  EXPECT_THAT(MakeFolders(data + "/niwaki"), IsOk());
  EXPECT_THAT(WriteFileAtomically(data + "/niwaki/oracle.db", "a database"), IsOk());

  EXPECT_EQ(Parse({}).options.db_path, data + "/niwaki/oracle.db");
  EXPECT_EQ(Parse({"--data-dir", "/d"}).options.db_path, "/d/oracle.db");
}

TEST(OptionsTest, FlagsAreRead) {
  const ParsedOptions parsed =
      Parse({"--listen", "[::1]:0", "--data-dir", "/d", "--address-file", "/a", "--no-reflection",
             "--max-message-mb", "4", "--drain-timeout", "0.5"});

  ASSERT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.listen, "[::1]:0");
  EXPECT_EQ(parsed.options.db_path, "/d/oracle.db");
  EXPECT_EQ(parsed.options.address_file, "/a");
  EXPECT_FALSE(parsed.options.reflection);
  EXPECT_EQ(parsed.options.max_message_mb, 4);
  EXPECT_EQ(parsed.options.drain_timeout_s, 0.5);
  EXPECT_EQ(Parse({"--data-dir", "/d", "--db", "/e.db"}).options.db_path, "/e.db");
}

TEST(OptionsTest, WrongUseEndsWithTwo) {
  EXPECT_EQ(Parse({"--listen", "nowhere"}).exit_code, 2);
  EXPECT_EQ(Parse({"--max-message-mb", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--drain-timeout", "-1"}).exit_code, 2);
  EXPECT_EQ(Parse({"--what"}).exit_code, 2);
  EXPECT_EQ(Parse({"stray"}).exit_code, 2);
}

TEST(OptionsTest, HelpEndsWithZeroAndShowsExamples) {
  ::testing::internal::CaptureStdout();

  EXPECT_EQ(Parse({"--help"}).exit_code, 0);

  EXPECT_NE(::testing::internal::GetCapturedStdout().find("Examples:"), std::string::npos);
}

}  // namespace
}  // namespace niwaki::oracle
