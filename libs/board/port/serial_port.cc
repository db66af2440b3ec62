#include "libs/board/port/serial_port.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/port/fd_port.h"
#include "libs/board/port/port_holder.h"

namespace niwaki::board {
namespace {

struct Rate {
  int baud;
  speed_t speed;
};

constexpr Rate kRates[] = {
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

absl::StatusOr<speed_t> SpeedOf(const SerialOptions& options) {
  for (const Rate& rate : kRates) {
    if (rate.baud == options.baud) return rate.speed;
  }
  const std::string rates = absl::StrJoin(BaudRates(), ", ");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("baud")
      .Value(options.baud)
      .Limit(rates)
      .Message(absl::StrCat("baud ", options.baud, " of ", options.path, " is not one of ", rates));
}

absl::Status Busy(const std::string& path) {
  const std::string holder = HolderOf(path);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBoardBusy)
      .Field("port")
      .Value(path)
      .Limit(holder)
      .Message(absl::StrCat("the port ", path, " is in use",
                            holder.empty() ? "" : absl::StrCat(" by ", holder)));
}

absl::Status CannotOpen(int saved_errno, const std::string& path) {
  switch (saved_errno) {
    case EBUSY:
      return Busy(path);
    case EACCES:
      return Error(absl::StatusCode::kPermissionDenied, reason::kSystemError)
          .Field("port")
          .Value(path)
          .Limit("group dialout")
          .Message(absl::StrCat("this user may not open ", path,
                                "; serial devices are the group dialout's (adduser USER dialout)"));
    case ENODEV:
    case ENXIO:
    case EIO:
      return Error(absl::StatusCode::kUnavailable, reason::kBoardVanished)
          .Field("port")
          .Value(path)
          .Message(absl::StrCat(path, " has no device behind it"));
    default:
      return ErrnoToStatus(saved_errno, path);
  }
}

absl::Status MakeRaw(int fd, const SerialOptions& options, speed_t speed) {
  termios settings;
  if (tcgetattr(fd, &settings) != 0) {
    if (errno != ENOTTY) return CannotOpen(errno, options.path);
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("port")
        .Value(options.path)
        .Limit("a serial device")
        .Message(absl::StrCat(options.path, " is no serial device"));
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD | CS8;
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | PARENB | CRTSCTS);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  cfsetispeed(&settings, speed);
  cfsetospeed(&settings, speed);
  if (tcsetattr(fd, TCSANOW, &settings) != 0) return CannotOpen(errno, options.path);
  tcflush(fd, TCIOFLUSH);
  return absl::OkStatus();
}

}  // namespace

const std::vector<int>& BaudRates() {
  static const auto* const kBaudRates = [] {
    // Never destroyed.
    auto* rates = new std::vector<int>();
    for (const Rate& rate : kRates) rates->push_back(rate.baud);
    return rates;
  }();
  return *kBaudRates;
}

absl::StatusOr<std::unique_ptr<BytePort>> OpenSerialPort(const SerialOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const speed_t speed, SpeedOf(options));
  // A device that waits for a carrier would block.
  OwnedFd fd(open(options.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return CannotOpen(errno, options.path);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Busy(options.path) : CannotOpen(errno, options.path);
  }
  NIWAKI_RETURN_IF_ERROR(MakeRaw(fd.get(), options, speed));
  // For those who do not ask for locks.
  ioctl(fd.get(), TIOCEXCL);
  NIWAKI_ASSIGN_OR_RETURN(
      std::unique_ptr<FdPort> port,
      FdPort::Create(std::move(fd),
                     absl::StrCat("serial port ", options.path, " at ", options.baud, " baud")));
  return port;
}

}  // namespace niwaki::board
