#include "libs/base/process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

// In the child: only calls that are safe between fork and exec. The errno of a failure goes to
// `failure`.
[[noreturn]] void Become(const std::vector<char*>& argv, int output, int errors, int failure,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool ready = getppid() == parent && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
                     dup2(output, STDOUT_FILENO) >= 0 && dup2(errors, STDERR_FILENO) >= 0;
  signal(SIGPIPE, SIG_DFL);
  if (ready) execvp(argv[0], argv.data());
  const int error = errno;
  const ssize_t written = write(failure, &error, sizeof(error));
  _exit(written == sizeof(error) ? 127 : 126);
}

// The errno with which the child failed to begin; 0 where it began.
int AwaitExec(int failure) {
  int error = 0;
  ssize_t got = 0;
  while ((got = read(failure, &error, sizeof(error))) < 0 && errno == EINTR) {
  }
  return got == sizeof(error) ? error : 0;
}

absl::Status CannotStart(int error, const std::string& program, const std::string& package) {
  if (error != ENOENT && error != EACCES) return ErrnoToStatus(error, program);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field(program)
      .Limit(package)
      .Message(absl::StrCat("the program ", program, " cannot be run; install the Debian package ",
                            package));
}

}  // namespace

absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, const std::string& package,
                            int output, int errors) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "pipe");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(words, output, errors, failure[1], parent);
  const int fork_error = errno;
  close(failure[1]);
  const int error = pid < 0 ? 0 : AwaitExec(failure[0]);
  close(failure[0]);
  if (pid < 0) return ErrnoToStatus(fork_error, "fork");
  if (error == 0) return pid;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return CannotStart(error, argv[0], package);
}

int ExitCodeOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace niwaki
