#include "libs/base/process/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/process/spawn.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  bool Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  void CloseRead() {
    if (read_end >= 0) close(read_end);
    read_end = -1;
  }
  void CloseWrite() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
};

int64_t MonotonicMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

absl::Status TooMuch(const ProgramOptions& options) {
  return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
      .Field(options.argv[0])
      .Limit(options.max_output_bytes)
      .Message(
          absl::StrCat(options.argv[0], " wrote more than ", options.max_output_bytes, " bytes"));
}

absl::Status TooLong(const ProgramOptions& options) {
  return Error(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded)
      .Field(options.argv[0])
      .Limit(options.timeout_ms)
      .Message(absl::StrCat(options.argv[0], " did not end within ", options.timeout_ms, " ms"));
}

// Appends what is there; closes the pipe at its end.
absl::Status Take(Pipe& pipe, std::string& text) {
  char buffer[1 << 16];
  const ssize_t got = read(pipe.read_end, buffer, sizeof(buffer));
  if (got < 0) return errno == EINTR ? absl::OkStatus() : ErrnoToStatus(errno, "read");
  if (got == 0) pipe.CloseRead();
  text.append(buffer, static_cast<size_t>(got));
  return absl::OkStatus();
}

absl::Status ReadBoth(Pipe& out, Pipe& err, const ProgramOptions& options, ProgramResult& result) {
  const int64_t end_ms = MonotonicMs() + options.timeout_ms;
  while (out.read_end >= 0 || err.read_end >= 0) {
    const int64_t left_ms = end_ms - MonotonicMs();
    if (left_ms <= 0) return TooLong(options);
    // A negative descriptor is passed over.
    pollfd waiting[2] = {{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}};
    if (poll(waiting, 2, static_cast<int>(left_ms)) < 0 && errno != EINTR) {
      return ErrnoToStatus(errno, "poll");
    }
    if (waiting[0].revents != 0) NIWAKI_RETURN_IF_ERROR(Take(out, result.standard_output));
    if (waiting[1].revents != 0) NIWAKI_RETURN_IF_ERROR(Take(err, result.standard_error));
    const size_t bytes = result.standard_output.size() + result.standard_error.size();
    if (static_cast<int64_t>(bytes) > options.max_output_bytes) return TooMuch(options);
  }
  return absl::OkStatus();
}

int WaitFor(pid_t pid) {
  int wait_status = 0;
  while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
  }
  return ExitCodeOf(wait_status);
}

}  // namespace

absl::StatusOr<ProgramResult> RunProgram(const ProgramOptions& options) {
  Pipe out, err;
  if (!out.Open() || !err.Open()) return ErrnoToStatus(errno, "pipe");
  NIWAKI_ASSIGN_OR_RETURN(const pid_t pid,
                          Spawn(options.argv, options.package, out.write_end, err.write_end));
  out.CloseWrite();
  err.CloseWrite();
  ProgramResult result;
  const absl::Status read = ReadBoth(out, err, options, result);
  if (!read.ok()) kill(-pid, SIGKILL);
  result.exit_code = WaitFor(pid);
  NIWAKI_RETURN_IF_ERROR(read);
  return result;
}

}  // namespace niwaki
