#include "libs/data/process.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

ProcessOptions Command(std::vector<std::string> argv) {
  ProcessOptions options;
  options.argv = std::move(argv);
  options.package = "a-package";
  return options;
}

TEST(RunProcessTest, ReturnsStandardOutput) {
  EXPECT_THAT(RunProcess(Command({"printf", "a b"})), IsOkAndHolds("a b"));
}

TEST(RunProcessTest, NoShellReadsTheArguments) {
  EXPECT_THAT(RunProcess(Command({"printf", "%s", "$(id); `id` * \"'"})),
              IsOkAndHolds("$(id); `id` * \"'"));
}

TEST(RunProcessTest, LargeOutputArrivesWhole) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string output,
                              RunProcess(Command({"head", "-c", "3000000", "/dev/zero"})));

  EXPECT_EQ(output.size(), 3000000);
}

TEST(RunProcessTest, StandardInputIsEmpty) {
  EXPECT_THAT(RunProcess(Command({"cat"})), IsOkAndHolds(""));
}

TEST(RunProcessTest, MissingProgramNamesItsPackage) {
  const auto result = RunProcess(Command({"no-such-program-here"}));

  EXPECT_THAT(result, HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition, "a-package"));
}

TEST(RunProcessTest, FailureIsInternal) {
  EXPECT_THAT(RunProcess(Command({"false"})),
              StatusIs(absl::StatusCode::kInternal, "false ended with exit status 1"));
}

TEST(RunProcessTest, TooMuchOutputIsRefused) {
  ProcessOptions options = Command({"cat", "/dev/zero"});
  options.max_output_bytes = 100000;

  EXPECT_THAT(RunProcess(options),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(RunProcessTest, SilentChildIsKilled) {
  ProcessOptions options = Command({"sleep", "1000"});
  options.idle_timeout_ms = 50;

  EXPECT_THAT(RunProcess(options), StatusIs(absl::StatusCode::kDeadlineExceeded, "sleep"));
}

}  // namespace
}  // namespace niwaki::data
