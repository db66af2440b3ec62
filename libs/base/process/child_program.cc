#include "libs/base/process/child_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/error.h"
#include "libs/base/process/spawn.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

constexpr size_t kMaxOutputBytes = 4096;

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProgram>> ChildProgram::Start(const ChildOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<TemporaryFile> output, TemporaryFile::Create());
  const int fd = open(output->path().c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, output->path());
  const absl::StatusOr<pid_t> id = Spawn(options.argv, options.package, fd, fd);
  close(fd);
  NIWAKI_RETURN_IF_ERROR(id.status());
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<ChildProgram>(new ChildProgram(*id, std::move(output)));
}

ChildProgram::~ChildProgram() { Kill(); }

void ChildProgram::Wait(int options) {
  if (exit_code_.has_value()) return;
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(id_, &status, options)) < 0 && errno == EINTR) {
  }
  if (ended == id_) exit_code_ = ExitCodeOf(status);
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
