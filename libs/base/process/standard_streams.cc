#include "libs/base/process/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

constexpr char kOutput[] = "standard output";

// Call in the order of the numbers: opening takes the lowest that is free.
void OpenIfClosed(int fd, int mode) {
  if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", mode);
}

// Of a pipe or a socket; false for everything else.
bool ReaderHasLeft(int fd) {
  pollfd poll_fd = {fd, POLLOUT, 0};
  return poll(&poll_fd, 1, /*timeout=*/0) == 1 && (poll_fd.revents & (POLLERR | POLLHUP)) != 0;
}

// Why writing to `fd` fails; 0 where it does not.
int WriteErrno(int fd) { return write(fd, "", 0) < 0 ? errno : 0; }

// Some file systems tell of what they could not keep only when a descriptor is closed.
int CloseErrno(int fd) {
  const int copy = dup(fd);
  return copy < 0 || close(copy) == 0 ? 0 : errno;
}

}  // namespace

void PrepareStandardStreams() {
  // In the direction that nobody needs: reading and writing stay errors.
  OpenIfClosed(STDIN_FILENO, O_WRONLY);
  OpenIfClosed(STDOUT_FILENO, O_RDONLY);
  OpenIfClosed(STDERR_FILENO, O_RDONLY);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

void PrepareServerStreams() {
  OpenIfClosed(STDIN_FILENO, O_WRONLY);
  OpenIfClosed(STDOUT_FILENO, O_WRONLY);
  PrepareStandardStreams();
}

absl::Status FlushStandardOutput() {
  std::cout.flush();
  int cause = fflush(stdout) == 0 ? 0 : errno;
  const bool lost_before = ferror(stdout) != 0 || !std::cout.good();
  if (cause == EPIPE || ReaderHasLeft(STDOUT_FILENO)) return absl::OkStatus();
  // Of what failed earlier the stream remembers only that it did.
  if (cause == 0 && lost_before) cause = WriteErrno(STDOUT_FILENO);
  if (cause == 0) cause = CloseErrno(STDOUT_FILENO);
  if (cause != 0) return ErrnoToStatus(cause, kOutput);
  if (!lost_before) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, reason::kSystemError)
      .Field(kOutput)
      .Message("standard output: not all of it could be written");
}

int ExitCodeAfterOutput(absl::string_view program, int code) {
  const absl::Status status = FlushStandardOutput();
  if (status.ok()) return code;
  const std::string message(status.message());
  fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(), message.c_str());
  return std::max(code, 1);
}

}  // namespace niwaki
