#include "libs/board/port/fd_port.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::unique_ptr<FdPort>> FdPort::Create(OwnedFd fd, std::string name) {
  OwnedFd cancelled(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (cancelled.get() < 0) return ErrnoToStatus(errno, "eventfd");
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<FdPort>(new FdPort(std::move(fd), std::move(cancelled), std::move(name)));
}

// A terminal stays closed to others (TIOCEXCL) as long as anybody has it open: not beyond this
// port.
FdPort::~FdPort() { ioctl(fd_.get(), TIOCNXCL); }

absl::Status FdPort::Vanished(absl::string_view why) const {
  return Error(absl::StatusCode::kUnavailable, reason::kBoardVanished)
      .Field("port")
      .Value(name_)
      .Message(absl::StrCat(name_, " is gone: ", why));
}

absl::Status FdPort::Broken(int saved_errno, absl::string_view what) const {
  switch (saved_errno) {
    // A device that was unplugged, and a peer that hung up.
    case EIO:
    case ENODEV:
    case ENXIO:
    case EPIPE:
    case ECONNRESET:
    case EBADF:
      return Vanished(strerror(saved_errno));
    default:
      return Annotate(niwaki::ErrnoToStatus(saved_errno, what), name_);
  }
}

absl::Status FdPort::Await(short events, absl::string_view what, const Deadline& deadline) {
  for (;;) {
    pollfd waiting[2] = {{fd_.get(), events, 0}, {cancelled_.get(), POLLIN, 0}};
    const int ready = poll(waiting, 2, deadline.remaining_ms());
    if (ready < 0 && errno != EINTR) return Broken(errno, "poll");
    if (ready > 0 && waiting[1].revents != 0) {
      return Error(absl::StatusCode::kCancelled, reason::kCancelled)
          .Field("port")
          .Value(name_)
          .Message(absl::StrCat(what, " ", name_, " was cancelled"));
    }
    // The call says what an error or a hang-up is.
    if (ready > 0) return absl::OkStatus();
    if (ready == 0 && deadline.passed()) {
      return Error(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded)
          .Field("port")
          .Value(name_)
          .Message(absl::StrCat(what, " ", name_, " took too long"));
    }
  }
}

absl::StatusOr<std::string> FdPort::Read(const Deadline& deadline) {
  for (;;) {
    NIWAKI_RETURN_IF_ERROR(Await(POLLIN, "reading from", deadline));
    char buffer[8192];
    const ssize_t got = read(fd_.get(), buffer, sizeof(buffer));
    if (got > 0) return std::string(buffer, static_cast<size_t>(got));
    if (got == 0) return Vanished("its other end was closed");
    if (errno != EAGAIN && errno != EINTR) return Broken(errno, "read");
  }
}

absl::Status FdPort::Write(absl::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    NIWAKI_RETURN_IF_ERROR(Await(POLLOUT, "writing to", deadline));
    // Sockets must not raise SIGPIPE; devices know no send.
    ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == ENOTSOCK) sent = write(fd_.get(), bytes.data(), bytes.size());
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return Broken(errno, "write");
    bytes.remove_prefix(static_cast<size_t>(std::max<ssize_t>(sent, 0)));
  }
  return absl::OkStatus();
}

void FdPort::Cancel() {
  const uint64_t one = 1;
  // A counter that is full is readable, too.
  [[maybe_unused]] const ssize_t written = write(cancelled_.get(), &one, sizeof(one));
}

}  // namespace niwaki::board
