#include "services/cli/cluster/child_process.h"

#include <signal.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

class ChildProcessTest : public ::testing::Test {
 protected:
  ChildOptions Shell(const std::string& script) {
    ChildOptions options;
    options.path = "/bin/sh";
    options.arguments = {"-c", script};
    options.log_path = log_;
    return options;
  }

  // Waits for what another process does; the test's own limit ends a wait in vain.
  static void AwaitEnd(ChildProcess& child) {
    while (child.Running()) absl::SleepFor(absl::Milliseconds(5));
  }

  const std::string log_ =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name(), ".log");
};

TEST_F(ChildProcessTest, OutputGoesToTheLog) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto child,
                              ChildProcess::Start(Shell("echo out; echo err >&2; exit 3")));
  AwaitEnd(*child);

  EXPECT_EQ(child->Outcome(), "exit code 3");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string log, ReadFile(log_));
  EXPECT_THAT(log, HasSubstr("out\nerr\n"));
}

TEST_F(ChildProcessTest, SignalsReachIt) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto child, ChildProcess::Start(Shell("exec sleep 1000")));
  EXPECT_TRUE(child->Running());
  EXPECT_EQ(child->Outcome(), "");

  child->Signal(SIGTERM);
  AwaitEnd(*child);

  EXPECT_EQ(child->Outcome(), "signal 15");
}

TEST_F(ChildProcessTest, DestructorKills) {
  pid_t pid = 0;
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(auto child,
                                ChildProcess::Start(Shell("trap '' TERM; while :; do :; done")));
    pid = child->pid();
  }

  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(ChildProcessTest, MissingProgramEndsWithItsOwnCode) {
  ChildOptions options = Shell("");
  options.path = "/nowhere/program";
  NIWAKI_ASSERT_OK_AND_ASSIGN(auto child, ChildProcess::Start(options));
  AwaitEnd(*child);

  EXPECT_EQ(child->Outcome(), "exit code 127");
}

TEST_F(ChildProcessTest, UnwritableLogIsAnError) {
  ChildOptions options = Shell("");
  options.log_path = "/nowhere/log";

  EXPECT_THAT(ChildProcess::Start(options), StatusIs(absl::StatusCode::kNotFound, "/nowhere/log"));
}

}  // namespace
}  // namespace niwaki::cli
