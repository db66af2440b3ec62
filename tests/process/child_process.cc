#include "tests/process/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/clock.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"

namespace niwaki::testing {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(5);

int ExitCodeOf(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::string& log_path) {
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log_path.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return ErrnoToStatus(failed, program);
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

ChildProcess::~ChildProcess() { Kill(); }

void ChildProcess::Signal(int signal) {
  if (running()) kill(pid_, signal);
}

void ChildProcess::Kill() {
  Signal(SIGKILL);
  (void)Wait(absl::Seconds(10));
}

bool ChildProcess::running() {
  if (ended_) return false;
  int wait_status = 0;
  if (waitpid(pid_, &wait_status, WNOHANG) != pid_) return true;
  ended_ = true;
  exit_code_ = ExitCodeOf(wait_status);
  return false;
}

absl::StatusOr<int> ChildProcess::Wait(absl::Duration timeout) {
  Clock& clock = Clock::Real();
  const absl::Time deadline = clock.Now() + timeout;
  while (running()) {
    if (clock.Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("process ", pid_, " still runs"));
    }
    clock.Sleep(kPoll);
  }
  return exit_code_;
}

absl::StatusOr<std::string> AwaitFile(const std::string& path, absl::Duration timeout) {
  Clock& clock = Clock::Real();
  const absl::Time deadline = clock.Now() + timeout;
  while (!FileExists(path)) {
    if (clock.Now() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("no file ", path));
    }
    clock.Sleep(kPoll);
  }
  NIWAKI_ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  return std::string(absl::StripAsciiWhitespace(content));
}

}  // namespace niwaki::testing
