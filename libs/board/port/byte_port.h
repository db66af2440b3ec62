// Bytes to and from a board, whatever they go over.

#ifndef NIWAKI_LIBS_BOARD_PORT_BYTE_PORT_H_
#define NIWAKI_LIBS_BOARD_PORT_BYTE_PORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/port/deadline.h"

namespace niwaki::board {

// One thread reads and writes at a time; Cancel may be called from any. The port is closed, and
// what locked it unlocked, when the object goes.
//
// Errors: DeadlineExceeded with DEADLINE_EXCEEDED; Unavailable with BOARD_VANISHED once the device
// or the peer is gone, for good; Cancelled with CANCELLED.
class BytePort {
 public:
  virtual ~BytePort() = default;

  // For people: "/dev/ttyACM0 at 115200 baud", "unix socket /tmp/board".
  virtual const std::string& name() const = 0;

  // Blocks until there is something; at least one byte.
  virtual absl::StatusOr<std::string> Read(const Deadline& deadline) = 0;

  // Blocks until all bytes have been taken by the system; after an error some may have been.
  virtual absl::Status Write(absl::string_view bytes, const Deadline& deadline) = 0;

  // Ends the call that blocks, and every later one, with Cancelled. Idempotent.
  virtual void Cancel() = 0;
};

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_PORT_BYTE_PORT_H_
