// Sockets as ports: of emulators, and of programs that offer a serial line on a network.

#ifndef NIWAKI_LIBS_BOARD_PORT_SOCKET_PORT_H_
#define NIWAKI_LIBS_BOARD_PORT_SOCKET_PORT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"
#include "libs/board/port/fd_port.h"

namespace niwaki::board {

// Connects to the unix socket `path`. NotFound with FILE_UNKNOWN; Unavailable with BOARD_VANISHED
// where nobody listens; InvalidArgument for a path that is too long.
absl::StatusOr<std::unique_ptr<BytePort>> ConnectUnixPort(const std::string& path,
                                                          const Deadline& deadline);

// Connects to "HOST:PORT". NotFound for an unknown host; Unavailable with BOARD_VANISHED where
// nobody listens or the host is not there; InvalidArgument for another address.
absl::StatusOr<std::unique_ptr<BytePort>> ConnectTcpPort(const std::string& address,
                                                         const Deadline& deadline);

// A unix socket that waits for a board: an emulator connects to it. Thread-safe.
class UnixListener {
 public:
  // `path` must not exist; it is removed with the object. AlreadyExists; InvalidArgument for a path
  // that is too long.
  static absl::StatusOr<std::unique_ptr<UnixListener>> Create(const std::string& path);
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

  const std::string& path() const { return path_; }

  // The next that connects. DeadlineExceeded.
  absl::StatusOr<std::unique_ptr<BytePort>> Accept(const Deadline& deadline);

 private:
  UnixListener(OwnedFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  const OwnedFd fd_;
  const std::string path_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_SOCKET_PORT_H_
