#include "libs/rpc/shutdown.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "gtest/gtest.h"

namespace niwaki::rpc {
namespace {

// Forks a child that waits for its end and exits with the signal's number; returns how it ended
// after `signals` came.
int ExitOfChild(const std::vector<int>& signals, const std::vector<int>& ignored = {}) {
  int ready[2];
  EXPECT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    // Who runs the tests may ignore them.
    for (const int number : {SIGINT, SIGHUP}) signal(number, SIG_DFL);
    for (const int number : ignored) signal(number, SIG_IGN);
    BlockShutdownSignals();
    EXPECT_EQ(write(ready[1], "r", 1), 1);
    _exit(WaitForShutdownSignal());
  }
  char byte;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  for (int signal : signals) kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  close(ready[0]);
  close(ready[1]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(ShutdownTest, TermInterruptAndHangUpWakeTheWaiter) {
  EXPECT_EQ(ExitOfChild({SIGTERM}), SIGTERM);
  EXPECT_EQ(ExitOfChild({SIGINT}), SIGINT);
  EXPECT_EQ(ExitOfChild({SIGHUP}), SIGHUP);
}

TEST(ShutdownTest, IgnoredSignalsDoNot) {
  EXPECT_EQ(ExitOfChild({SIGHUP, SIGTERM}, {SIGHUP}), SIGTERM);
  EXPECT_EQ(ExitOfChild({SIGINT, SIGHUP}, {SIGINT}), SIGHUP);
}

TEST(ShutdownTest, BrokenPipeIsIgnored) { EXPECT_EQ(ExitOfChild({SIGPIPE, SIGTERM}), SIGTERM); }

TEST(ShutdownTest, RequestsFromWithinNeverKill) {
  const pid_t child = fork();
  if (child == 0) {
    BlockShutdownSignals();
    RequestShutdown();
    const int caught = WaitForShutdownSignal();
    RequestShutdown();
    _exit(caught == SIGTERM ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(ShutdownTest, HangUpAfterTheFirstSignalChangesNothing) {
  const pid_t child = fork();
  if (child == 0) {
    BlockShutdownSignals();
    RequestShutdown();
    WaitForShutdownSignal();
    raise(SIGHUP);
    _exit(3);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

TEST(ShutdownTest, SecondSignalEndsTheProcess) {
  const pid_t child = fork();
  if (child == 0) {
    BlockShutdownSignals();
    RequestShutdown();
    WaitForShutdownSignal();
    RequestShutdown();
    raise(SIGTERM);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);

  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

}  // namespace
}  // namespace niwaki::rpc
