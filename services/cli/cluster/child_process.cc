#include "services/cli/cluster/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"

namespace niwaki::cli {
namespace {

// In the child: only async-signal-safe calls, since other threads may have held locks.
[[noreturn]] void Execute(const ChildOptions& options, char* const* argv, int log, int input,
                          pid_t parent) {
  if (!options.dies_with_parent) {
    setsid();
  } else {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // The parent may be gone since the fork.
    if (getppid() != parent) _exit(127);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGTERM, SIGPIPE, SIGXFSZ}) signal(number, SIG_DFL);
  dup2(input, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(options.path.c_str(), argv);
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(const ChildOptions& options) {
  std::vector<std::string> arguments = options.arguments;
  std::vector<char*> argv = {const_cast<char*>(options.path.c_str())};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int log = open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return ErrnoToStatus(errno, options.log_path);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0) {
    const int saved_errno = errno;
    close(log);
    return ErrnoToStatus(saved_errno, "/dev/null");
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Execute(options, argv.data(), log, input, parent);
  const int saved_errno = errno;
  close(log);
  close(input);
  if (pid < 0) return ErrnoToStatus(saved_errno, "fork");
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid));
}

ChildProcess::~ChildProcess() {
  if (!Running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &wait_status_, 0);
}

bool ChildProcess::Running() {
  if (ended_) return false;
  const pid_t pid = waitpid(pid_, &wait_status_, WNOHANG);
  ended_ = pid == pid_ || (pid < 0 && errno == ECHILD);
  return !ended_;
}

std::string ChildProcess::Outcome() {
  if (Running()) return "";
  if (WIFSIGNALED(wait_status_)) return absl::StrCat("signal ", WTERMSIG(wait_status_));
  return absl::StrCat("exit code ", WEXITSTATUS(wait_status_));
}

void ChildProcess::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

}  // namespace niwaki::cli
