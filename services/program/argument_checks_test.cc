#include "services/program/argument_checks.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"

namespace niwaki::program {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A program with an option of every kind, on a subcommand as well.
class ArgumentChecksTest : public ::testing::Test {
 protected:
  // What is said about the command line; "" when it is fine.
  std::string Parse(std::vector<std::string> arguments) {
    CLI::App app("", "prog");
    app.add_option("--seed", seed_);
    app.add_option("--share", share_);
    app.add_option("--length", length_)->check(AboveZero());
    app.add_option("--limit", limit_)->check(FromZero());
    app.add_flag("--verbose", verbose_);
    CLI::App* sub = app.add_subcommand("sub");
    sub->add_option("name", name_);
    sub->add_option("--offset", offset_);
    sub->add_option("--count", count_);
    sub->add_option("--threads", threads_)->check(CLI::Range(1, 8));
    sub->add_option("--sizes", sizes_)->delimiter(',');
    sub->add_option("--words", words_)->delimiter(',');
    CheckArguments(app);
    try {
      app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      return DescribeError(error);
    }
    return "";
  }

  uint64_t seed_ = 1;
  double share_ = 0.5;
  double length_ = 1;
  int limit_ = 0;
  bool verbose_ = false;
  std::string name_;
  int64_t offset_ = 0;
  int count_ = 0;
  int threads_ = 1;
  std::vector<int> sizes_;
  std::vector<std::string> words_;
};

TEST_F(ArgumentChecksTest, RangeOfAWholeNumberIsThatOfTheOption) {
  EXPECT_EQ(Parse({"--limit", "99999999999999999999"}),
            "--limit: '99999999999999999999' is not a whole number from 0 to 9223372036854775807");
  EXPECT_EQ(Parse({"sub", "--offset", "1e3"}),
            "--offset: '1e3' is not a whole number from -9223372036854775808 to "
            "9223372036854775807");
}

TEST_F(ArgumentChecksTest, UnsignedNumberNeitherWrapsNorSaturates) {
  EXPECT_EQ(Parse({"--seed", "-1"}),
            "--seed: '-1' is not a whole number from 0 to 18446744073709551615");
  EXPECT_THAT(Parse({"--seed", "18446744073709551616"}),
              AllOf(HasSubstr("--seed"), HasSubstr("to 18446744073709551615")));
  EXPECT_THAT(Parse({"--seed", "1.5"}), HasSubstr("'1.5' is not a whole number"));
  EXPECT_THAT(Parse({"--seed="}), HasSubstr("--seed"));

  EXPECT_THAT(Parse({"--seed", "18446744073709551615"}), IsEmpty());
  EXPECT_EQ(seed_, UINT64_MAX);
}

TEST_F(ArgumentChecksTest, SignedNumberOfSixtyFourBitsDoesNotSaturate) {
  EXPECT_EQ(Parse({"sub", "--offset", "9223372036854775808"}),
            "--offset: '9223372036854775808' is not a whole number from -9223372036854775808 to "
            "9223372036854775807");

  EXPECT_THAT(Parse({"sub", "--offset=-9223372036854775808"}), IsEmpty());
  EXPECT_EQ(offset_, INT64_MIN);
}

TEST_F(ArgumentChecksTest, NumberOfThirtyTwoBitsNamesItsLimits) {
  EXPECT_EQ(Parse({"sub", "--count", "2147483648"}),
            "--count: '2147483648' is not a whole number from -2147483648 to 2147483647");
  EXPECT_THAT(Parse({"sub", "--sizes", "1,2,x"}), HasSubstr("'x' is not a whole number"));

  EXPECT_THAT(Parse({"sub", "--sizes", "1,2"}), IsEmpty());
  EXPECT_THAT(sizes_, ElementsAre(1, 2));
}

TEST_F(ArgumentChecksTest, LeadingZeroIsNoOctal) {
  EXPECT_THAT(Parse({"--seed", "010", "sub", "--count", "0010"}), IsEmpty());
  EXPECT_EQ(seed_, 10);
  EXPECT_EQ(count_, 10);

  EXPECT_THAT(Parse({"--seed", "0x10"}), IsEmpty());
  EXPECT_EQ(seed_, 16);
}

TEST_F(ArgumentChecksTest, OwnChecksOfAnOptionStillHold) {
  EXPECT_THAT(Parse({"sub", "--threads", "9"}),
              AllOf(HasSubstr("--threads"), HasSubstr("9"), HasSubstr("1 to 8")));
  EXPECT_THAT(Parse({"sub", "--threads", "08"}), IsEmpty());
}

TEST_F(ArgumentChecksTest, LimitsAreShortEnoughToRead) {
  EXPECT_EQ(Parse({"--length", "0"}), "--length: '0' is not a number above 0");
  EXPECT_EQ(Parse({"--limit", "-1"}), "--limit: '-1' is not a number from 0");

  EXPECT_THAT(Parse({"--length", "0.001", "--limit", "0"}), IsEmpty());
}

TEST_F(ArgumentChecksTest, NumbersAreFinite) {
  EXPECT_EQ(Parse({"--share", "nan"}), "--share: 'nan' is not a number");
  EXPECT_THAT(Parse({"--share", "inf"}), HasSubstr("--share"));
  EXPECT_THAT(Parse({"--length", "1e999"}), HasSubstr("--length"));

  EXPECT_THAT(Parse({"--share", "1e-3"}), IsEmpty());
  EXPECT_EQ(share_, 1e-3);
}

TEST_F(ArgumentChecksTest, EmptyTextIsNotTakenForNone) {
  EXPECT_THAT(Parse({"sub", ""}), AllOf(HasSubstr("name"), HasSubstr("empty")));
  EXPECT_THAT(Parse({"sub", "--words", ""}), AllOf(HasSubstr("--words"), HasSubstr("empty")));
  EXPECT_THAT(Parse({"sub", "--words="}), HasSubstr("--words"));

  EXPECT_THAT(Parse({"--verbose", "sub", "me", "--words", "a,b"}), IsEmpty());
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(name_, "me");
  EXPECT_THAT(words_, ElementsAre("a", "b"));
}

TEST(ParseArgumentsTest, EndsAfterHelpAndAfterErrors) {
  CLI::App app("Does something.", "prog");
  int count = 0;
  app.add_option("--count", count);
  const char* const help[] = {"prog", "--help"};
  const char* const wrong[] = {"prog", "--count", "many"};
  const char* const fine[] = {"prog", "--count", "3"};

  ::testing::internal::CaptureStdout();
  EXPECT_EQ(ParseArguments(app, 2, help), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("Does something."));
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(ParseArguments(app, 3, wrong), 2);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("prog: --count: 'many'"), HasSubstr("prog --help")));
  EXPECT_EQ(ParseArguments(app, 3, fine), std::nullopt);
  EXPECT_EQ(count, 3);
}

}  // namespace
}  // namespace niwaki::program
