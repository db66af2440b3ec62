// A port over a file descriptor of a device, a socket or a pseudo-terminal.

#ifndef NIWAKI_LIBS_BOARD_PORT_FD_PORT_H_
#define NIWAKI_LIBS_BOARD_PORT_FD_PORT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"

namespace niwaki::board {

// A descriptor that is closed with its owner. A movable value.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class FdPort : public BytePort {
 public:
  // Takes `fd`, which must be non-blocking. The errors of the system.
  static absl::StatusOr<std::unique_ptr<FdPort>> Create(OwnedFd fd, std::string name);

  ~FdPort() override;

  const std::string& name() const override { return name_; }
  absl::StatusOr<std::string> Read(const Deadline& deadline) override;
  absl::Status Write(absl::string_view bytes, const Deadline& deadline) override;
  void Cancel() override;

 private:
  FdPort(OwnedFd fd, OwnedFd cancelled, std::string name)
      : fd_(std::move(fd)), cancelled_(std::move(cancelled)), name_(std::move(name)) {}

  // Until `events` of poll(2) may be had.
  absl::Status Await(short events, absl::string_view what, const Deadline& deadline);
  absl::Status Vanished(absl::string_view why) const;
  absl::Status Broken(int saved_errno, absl::string_view what) const;

  const OwnedFd fd_;
  // An eventfd: readable once cancelled.
  const OwnedFd cancelled_;
  const std::string name_;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_FD_PORT_H_
