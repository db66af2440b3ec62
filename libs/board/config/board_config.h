// One board, as people write it down: a YAML or JSON file, checked, with lines (docs/boards.md).

#ifndef NIWAKI_LIBS_BOARD_CONFIG_BOARD_CONFIG_H_
#define NIWAKI_LIBS_BOARD_CONFIG_BOARD_CONFIG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/board/build/firmware_target.h"
#include "libs/board/port/byte_port.h"
#include "libs/board/port/deadline.h"
#include "libs/board/session/phase_timeouts.h"

namespace niwaki::board {

enum class PortKind { kSerial, kUnix, kTcp, kEmulator };

struct PortConfig {
  PortKind kind = PortKind::kSerial;
  // Path of a device or of a socket, "HOST:PORT", or name of an emulated board.
  std::string address;
  // Of a serial device; the firmware is built for it.
  int baud = 115200;
};

// A program to run; its words may hold {elf}, {bin} and {serial}.
struct CommandConfig {
  // Empty for none.
  std::vector<std::string> argv;
  absl::Duration timeout = absl::Seconds(60);
};

struct BoardConfig {
  // Lower-case letters, digits, '-' and '_'; begins with a letter or digit; at most 63.
  std::string name;
  // Whose figures its are, of `niwaki devices`; may be empty.
  std::string device;
  std::vector<std::string> tags;
  // What firmware is built for, the file's own memory, definitions and port in it.
  FirmwareTarget target;
  // As FirmwareOptions::float_flags.
  std::vector<std::string> float_flags = {"-mfloat-abi=soft"};
  PortConfig port;
  // What the chip must say of itself, and what {serial} is: that of the debug probe; may be empty.
  std::string serial_number;
  std::string probe_serial;
  CommandConfig flash;
  CommandConfig power_cycle;
  PhaseTimeouts timeouts;
};

// InvalidArgument with FILE_MALFORMED for what is neither YAML nor JSON, with ARGUMENT_INVALID for
// a field that is unknown, missing or wrong: file, line, field, value and what is allowed. `folder`
// is what paths in it begin from.
absl::StatusOr<BoardConfig> ParseBoardConfig(absl::string_view text, absl::string_view what,
                                             absl::string_view folder = ".");

// The same of a file. NotFound with FILE_UNKNOWN.
absl::StatusOr<BoardConfig> ReadBoardConfig(const std::string& path);

// Opens what the file says. The errors of the port; FailedPrecondition for kEmulator, which has
// none until an emulator runs (EmulatorProcess).
absl::StatusOr<std::unique_ptr<BytePort>> OpenBoardPort(const PortConfig& port,
                                                        const Deadline& deadline);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_CONFIG_BOARD_CONFIG_H_
