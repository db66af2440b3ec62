#include "libs/base/process/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

int ExitCodeOfShell(const std::string& script, int output) {
  const auto pid = Spawn({"sh", "-c", script}, "dash", output, output);
  EXPECT_TRUE(pid.ok()) << pid.status();
  int wait_status = 0;
  EXPECT_EQ(waitpid(pid.value_or(-1), &wait_status, 0), pid.value_or(-1));
  return ExitCodeOf(wait_status);
}

TEST(SpawnTest, InputIsEmptyAndOutputsAreTheCallers) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);

  EXPECT_EQ(ExitCodeOfShell("cat; echo out; echo err >&2; exit 3", ends[1]), 3);

  // They stay open here.
  ASSERT_EQ(write(ends[1], "!", 1), 1);
  char text[16] = {};
  EXPECT_EQ(read(ends[0], text, sizeof(text) - 1), 9);
  EXPECT_STREQ(text, "out\nerr\n!");
  close(ends[0]);
  close(ends[1]);
}

TEST(SpawnTest, SignalsAreCodesAndTheGroupIsTheProgramsOwn) {
  EXPECT_EQ(ExitCodeOfShell("kill -9 $$", STDERR_FILENO), 128 + SIGKILL);
  const auto pid = Spawn({"sleep", "1000"}, "coreutils", STDERR_FILENO, STDERR_FILENO);
  NIWAKI_ASSERT_OK(pid);
  EXPECT_EQ(kill(-*pid, SIGTERM), 0);
  int wait_status = 0;
  EXPECT_EQ(waitpid(*pid, &wait_status, 0), *pid);
  EXPECT_EQ(ExitCodeOf(wait_status), 128 + SIGTERM);
}

TEST(SpawnTest, MissingProgramNamesItsPackageAndLeavesNoChild) {
  const auto pid = Spawn({"no-such-program"}, "some-package", STDERR_FILENO, STDERR_FILENO);
  EXPECT_THAT(pid, HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
  EXPECT_THAT(pid, StatusIs(absl::StatusCode::kFailedPrecondition, "package some-package"));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace niwaki
