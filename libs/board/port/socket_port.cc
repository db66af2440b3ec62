#include "libs/board/port/socket_port.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

absl::StatusOr<sockaddr_un> UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const size_t most = sizeof(address.sun_path) - 1;
  if (path.empty() || path.size() > most) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("unix")
        .Value(path)
        .Limit(most)
        .Message(absl::StrCat("the path of the socket, '", path, "', has ", path.size(),
                              " bytes, wanted 1 to ", most));
  }
  memcpy(address.sun_path, path.data(), path.size());
  return address;
}

absl::Status TooLong(absl::string_view what) {
  return Error(absl::StatusCode::kDeadlineExceeded, reason::kDeadlineExceeded)
      .Field("port")
      .Value(what)
      .Message(absl::StrCat(what, " took too long"));
}

absl::Status Unreachable(int saved_errno, const std::string& name) {
  switch (saved_errno) {
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ECONNRESET:
    case ETIMEDOUT:
      return Error(absl::StatusCode::kUnavailable, reason::kBoardVanished)
          .Field("port")
          .Value(name)
          .Message(absl::StrCat("nobody answers at ", name, ": ", strerror(saved_errno)));
    default:
      return ErrnoToStatus(saved_errno, name);
  }
}

// Until `fd` is ready for `events`.
absl::Status Await(int fd, short events, const std::string& what, const Deadline& deadline) {
  for (;;) {
    pollfd waiting = {fd, events, 0};
    const int ready = poll(&waiting, 1, deadline.remaining_ms());
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return ErrnoToStatus(errno, "poll");
    if (ready == 0 && deadline.passed()) return TooLong(what);
  }
}

absl::StatusOr<std::unique_ptr<BytePort>> Connect(OwnedFd fd, const sockaddr* address,
                                                  socklen_t size, const std::string& name,
                                                  const Deadline& deadline) {
  if (fd.get() < 0) return ErrnoToStatus(errno, "socket");
  if (connect(fd.get(), address, size) != 0) {
    if (errno != EINPROGRESS && errno != EAGAIN) return Unreachable(errno, name);
    NIWAKI_RETURN_IF_ERROR(
        Await(fd.get(), POLLOUT, absl::StrCat("connecting to ", name), deadline));
    int error = 0;
    socklen_t bytes = sizeof(error);
    if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &bytes) != 0) error = errno;
    if (error != 0) return Unreachable(error, name);
  }
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<FdPort> port, FdPort::Create(std::move(fd), name));
  return port;
}

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};

}  // namespace

absl::StatusOr<std::unique_ptr<BytePort>> ConnectUnixPort(const std::string& path,
                                                          const Deadline& deadline) {
  NIWAKI_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
  return Connect(OwnedFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                 reinterpret_cast<const sockaddr*>(&address), sizeof(address),
                 absl::StrCat("unix socket ", path), deadline);
}

absl::StatusOr<std::unique_ptr<BytePort>> ConnectTcpPort(const std::string& address,
                                                         const Deadline& deadline) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("tcp")
        .Value(address)
        .Limit("HOST:PORT")
        .Message(absl::StrCat("'", address, "' is not HOST:PORT"));
  }
  const std::string host = address.substr(0, colon);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (failed != 0) {
    return Error(absl::StatusCode::kNotFound, reason::kArgumentInvalid)
        .Field("tcp")
        .Value(address)
        .Message(absl::StrCat(address, ": ", gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, AddressesDeleter> addresses(found);
  absl::StatusOr<std::unique_ptr<BytePort>> port = absl::UnavailableError("no address");
  for (const addrinfo* one = found; one != nullptr && !port.ok(); one = one->ai_next) {
    OwnedFd fd(socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // Requests are small, and each is waited for.
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    port = Connect(std::move(fd), one->ai_addr, one->ai_addrlen, absl::StrCat("TCP ", address),
                   deadline);
  }
  return port;
}

absl::StatusOr<std::unique_ptr<UnixListener>> UnixListener::Create(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(path));
  OwnedFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return ErrnoToStatus(errno, "socket");
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return ErrnoToStatus(errno == EADDRINUSE ? EEXIST : errno, path);
  }
  if (listen(fd.get(), 1) != 0) return ErrnoToStatus(errno, path);
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private.
  return std::unique_ptr<UnixListener>(new UnixListener(std::move(fd), path));
}

UnixListener::~UnixListener() { unlink(path_.c_str()); }

absl::StatusOr<std::unique_ptr<BytePort>> UnixListener::Accept(const Deadline& deadline) {
  for (;;) {
    NIWAKI_RETURN_IF_ERROR(
        Await(fd_.get(), POLLIN, absl::StrCat("waiting for a board at ", path_), deadline));
    OwnedFd fd(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.get() >= 0) {
      NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<FdPort> port,
                              FdPort::Create(std::move(fd), absl::StrCat("unix socket ", path_)));
      return port;
    }
    // It may have left again.
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      return ErrnoToStatus(errno, path_);
    }
  }
}

}  // namespace niwaki::board
