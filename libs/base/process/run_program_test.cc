#include "libs/base/process/run_program.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

ProgramOptions Shell(const std::string& script) {
  ProgramOptions options;
  options.argv = {"/bin/sh", "-c", script};
  return options;
}

TEST(RunProgramTest, GivesBothOutputsAndTheExitCode) {
  const auto result = RunProgram(Shell("echo one; echo two >&2; exit 3"));
  NIWAKI_ASSERT_OK(result);
  EXPECT_EQ(result->standard_output, "one\n");
  EXPECT_EQ(result->standard_error, "two\n");
  EXPECT_EQ(result->exit_code, 3);
}

TEST(RunProgramTest, InputIsEmptyAndSignalsAreCodes) {
  const auto result = RunProgram(Shell("cat; kill -9 $$"));
  NIWAKI_ASSERT_OK(result);
  EXPECT_EQ(result->standard_output, "");
  EXPECT_EQ(result->exit_code, 128 + 9);
}

TEST(RunProgramTest, ArgumentsSeeNoShell) {
  ProgramOptions options;
  options.argv = {"/bin/echo", "$HOME; a  b"};
  const auto result = RunProgram(options);
  NIWAKI_ASSERT_OK(result);
  EXPECT_EQ(result->standard_output, "$HOME; a  b\n");
}

TEST(RunProgramTest, MissingProgramNamesItsPackage) {
  ProgramOptions options;
  options.argv = {"no-such-program-of-niwaki"};
  options.package = "some-package";
  const auto result = RunProgram(options);
  EXPECT_THAT(result, HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "install the Debian package some-package"));
}

TEST(RunProgramTest, EndlessProgramIsKilledWithWhatItStarted) {
  ProgramOptions options = Shell("sleep 1000 & sleep 1000");
  options.timeout_ms = 50;
  EXPECT_THAT(RunProgram(options),
              StatusIs(absl::StatusCode::kDeadlineExceeded, "did not end within 50 ms"));
}

TEST(RunProgramTest, OutputHasALimit) {
  ProgramOptions options = Shell("while :; do echo yes; done");
  options.max_output_bytes = 1000;
  EXPECT_THAT(RunProgram(options), StatusIs(absl::StatusCode::kResourceExhausted, "1000 bytes"));
}

}  // namespace
}  // namespace niwaki
