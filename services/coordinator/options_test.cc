#include "services/coordinator/options.h"

#include <stdlib.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::coordinator {
namespace {

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "niwaki-coordinator");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OptionsTest, DefaultsListenOnLoopback) {
  const ParsedOptions parsed = Parse({});
  EXPECT_FALSE(parsed.exit_code.has_value());
  EXPECT_EQ(parsed.options.listen, "127.0.0.1:50051");
  EXPECT_EQ(parsed.options.lease_ttl, absl::Seconds(15));
  EXPECT_EQ(parsed.options.max_lease, absl::Minutes(15));
}

TEST(OptionsTest, EveryOptionIsRead) {
  const ParsedOptions parsed = Parse({"--listen", "0.0.0.0:1", "--data-dir", "d", "--oracle", "o:2",
                                      "--lease-ttl", "0.5", "--max-lease", "20", "--max-strikes",
                                      "3", "--address-file", "f", "--drain-timeout", "7"});
  EXPECT_EQ(parsed.options.listen, "0.0.0.0:1");
  EXPECT_EQ(parsed.options.data_dir, "d");
  EXPECT_EQ(parsed.options.oracle, "o:2");
  EXPECT_EQ(parsed.options.lease_ttl, absl::Milliseconds(500));
  EXPECT_EQ(parsed.options.max_strikes, 3);
  EXPECT_EQ(parsed.options.address_file, "f");
  EXPECT_EQ(parsed.options.max_lease, absl::Seconds(20));
  EXPECT_EQ(parsed.options.drain_timeout, absl::Seconds(7));
}

TEST(OptionsTest, OldNameOfTheDrainTimeoutIsRead) {
  EXPECT_EQ(Parse({"--grace", "7"}).options.drain_timeout, absl::Seconds(7));
}

TEST(OptionsTest, OracleComesFromTheEnvironmentUnlessAFlagSaysOtherwise) {
  setenv("NIWAKI_ORACLE", "e:2", /*overwrite=*/1);

  EXPECT_EQ(Parse({}).options.oracle, "e:2");
  EXPECT_EQ(Parse({"--oracle", "o:2"}).options.oracle, "o:2");

  unsetenv("NIWAKI_ORACLE");
}

TEST(OptionsTest, HelpIsNoErrorAndNonsenseIs) {
  EXPECT_EQ(Parse({"--help"}).exit_code, 0);
  EXPECT_EQ(Parse({"--nonsense"}).exit_code, 2);
  EXPECT_EQ(Parse({"--lease-ttl", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--lease-ttl", "soon"}).exit_code, 2);
  EXPECT_EQ(Parse({"--max-strikes", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--max-lease", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"--drain-timeout", "-1"}).exit_code, 2);
}

}  // namespace
}  // namespace niwaki::coordinator
