// A serial device as a port: raw bytes, eight bits, no parity, one stop bit, no flow control.

#ifndef NIWAKI_LIBS_BOARD_PORT_SERIAL_PORT_H_
#define NIWAKI_LIBS_BOARD_PORT_SERIAL_PORT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/board/port/byte_port.h"

namespace niwaki::board {

// The rates that a device can be set to, ascending: 9600 to 4000000.
const std::vector<int>& BaudRates();

struct SerialOptions {
  // "/dev/ttyACM0", or better one of /dev/serial/by-id, which stays when others are plugged in.
  std::string path;
  // One of BaudRates().
  int baud = 115200;
};

// Opens and locks the device, and drops what lies in its buffers. The lock is the system's (flock
// and TIOCEXCL): it goes with the process that holds it, so there are no stale ones.
//
// NotFound with FILE_UNKNOWN; PermissionDenied, saying which group helps; FailedPrecondition with
// BOARD_BUSY, saying who has it where that is known; InvalidArgument with ARGUMENT_INVALID for
// another rate or a file that is no serial device.
absl::StatusOr<std::unique_ptr<BytePort>> OpenSerialPort(const SerialOptions& options);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_SERIAL_PORT_H_
