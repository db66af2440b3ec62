#include "libs/data/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

extern char** environ;

namespace niwaki::data {
namespace {

struct Child {
  pid_t pid;
  // Its standard output.
  int fd;
};

absl::Status SpawnError(int error, const ProcessOptions& options) {
  if (error != ENOENT && error != EACCES) return ErrnoToStatus(error, options.argv[0]);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field(options.argv[0])
      .Limit(options.package)
      .Message(absl::StrCat("the program ", options.argv[0],
                            " cannot be run; install the Debian package ", options.package));
}

absl::StatusOr<Child> Spawn(const ProcessOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoToStatus(errno, "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (const std::string& argument : options.argv)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return SpawnError(error, options);
  }
  return Child{pid, ends[0]};
}

absl::StatusOr<std::string> ReadAll(int fd, const ProcessOptions& options) {
  std::string output;
  char buffer[1 << 16];
  while (true) {
    pollfd waiting = {fd, POLLIN, 0};
    const int ready = poll(&waiting, 1, options.idle_timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return ErrnoToStatus(errno, "poll");
    if (ready == 0) {
      return Error(absl::StatusCode::kDeadlineExceeded, reason::kSystemError)
          .Field(options.argv[0])
          .Limit(options.idle_timeout_ms)
          .Message(
              absl::StrCat(options.argv[0], " wrote nothing for ", options.idle_timeout_ms, " ms"));
    }
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoToStatus(errno, "read");
    if (got == 0) return output;
    output.append(buffer, got);
    if (output.size() > options.max_output_bytes) {
      return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
          .Field(options.argv[0])
          .Limit(options.max_output_bytes)
          .Message(absl::StrCat(options.argv[0], " wrote more than ", options.max_output_bytes,
                                " bytes"));
    }
  }
}

absl::Status WaitFor(pid_t pid, const ProcessOptions& options) {
  int wait_status = 0;
  while (waitpid(pid, &wait_status, 0) < 0) {
    if (errno != EINTR) return ErrnoToStatus(errno, "waitpid");
  }
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return absl::OkStatus();
  const std::string how = WIFEXITED(wait_status)
                              ? absl::StrCat("exit status ", WEXITSTATUS(wait_status))
                              : absl::StrCat("signal ", WTERMSIG(wait_status));
  return Error(absl::StatusCode::kInternal, reason::kSystemError)
      .Field(options.argv[0])
      .Value(how)
      .Message(absl::StrCat(options.argv[0], " ended with ", how));
}

}  // namespace

absl::StatusOr<std::string> RunProcess(const ProcessOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const Child child, Spawn(options));
  absl::StatusOr<std::string> output = ReadAll(child.fd, options);
  close(child.fd);
  if (!output.ok()) kill(child.pid, SIGKILL);
  const absl::Status ended = WaitFor(child.pid, options);
  if (!output.ok()) return output.status();
  NIWAKI_RETURN_IF_ERROR(ended);
  return output;
}

}  // namespace niwaki::data
