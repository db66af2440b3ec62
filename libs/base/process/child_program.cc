#include "libs/base/process/child_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

constexpr size_t kMaxOutputBytes = 4096;

// In the child: only calls that are safe between fork and exec. The errno of a failure goes to
// `failure`.
[[noreturn]] void Become(const std::vector<char*>& argv, int output, int failure, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool ready = getppid() == parent && null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
                     dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
  signal(SIGPIPE, SIG_DFL);
  if (ready) execvp(argv[0], argv.data());
  const int error = errno;
  const ssize_t written = write(failure, &error, sizeof(error));
  _exit(written == sizeof(error) ? 127 : 126);
}

absl::Status CannotStart(int error, const ChildOptions& options) {
  if (error != ENOENT && error != EACCES) return niwaki::ErrnoToStatus(error, options.argv[0]);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
      .Field(options.argv[0])
      .Limit(options.package)
      .Message(absl::StrCat("the program ", options.argv[0],
                            " cannot be run; install the Debian package ", options.package));
}

// The errno with which the child failed to begin; 0 where it began.
int AwaitExec(int failure) {
  int error = 0;
  ssize_t got = 0;
  while ((got = read(failure, &error, sizeof(error))) < 0 && errno == EINTR) {
  }
  return got == sizeof(error) ? error : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProgram>> ChildProgram::Start(const ChildOptions& options) {
  std::vector<char*> argv;
  for (const std::string& argument : options.argv) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<TemporaryFile> output, TemporaryFile::Create());
  const int output_fd = open(output->path().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  int failure[2];
  if (output_fd < 0 || pipe2(failure, O_CLOEXEC) != 0) {
    const absl::Status status = niwaki::ErrnoToStatus(errno, "pipe");
    if (output_fd >= 0) close(output_fd);
    return status;
  }
  const pid_t parent = getpid();
  const pid_t id = fork();
  if (id == 0) Become(argv, output_fd, failure[1], parent);
  const int fork_error = errno;
  close(output_fd);
  close(failure[1]);
  const int error = id < 0 ? fork_error : AwaitExec(failure[0]);
  close(failure[0]);
  if (id < 0) return niwaki::ErrnoToStatus(error, "fork");
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  std::unique_ptr<ChildProgram> child(new ChildProgram(id, std::move(output)));
  if (error != 0) return CannotStart(error, options);
  return child;
}

ChildProgram::~ChildProgram() { Kill(); }

void ChildProgram::Wait(int options) {
  if (exit_code_.has_value()) return;
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(id_, &status, options)) < 0 && errno == EINTR) {
  }
  if (ended == id_) {
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

std::optional<int> ChildProgram::ExitCode() {
  absl::MutexLock lock(&mutex_);
  Wait(WNOHANG);
  return exit_code_;
}

void ChildProgram::Kill() {
  absl::MutexLock lock(&mutex_);
  // A number that has been waited for may be another's.
  if (exit_code_.has_value()) return;
  kill(-id_, SIGKILL);
  kill(id_, SIGKILL);
  Wait(0);
}

std::string ChildProgram::Output() const {
  const int fd = open(output_->path().c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::string text(kMaxOutputBytes, '\0');
  const ssize_t got = read(fd, text.data(), text.size());
  close(fd);
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text;
}

}  // namespace niwaki
