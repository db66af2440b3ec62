// Runs firmware on an emulated board.

#ifndef NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_H_
#define NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/firmware_output.h"

namespace niwaki::board {

struct EmulatorOptions {
  EmulatedBoard board;
  // A linked firmware (libs/board/build).
  std::string elf_path;
  // Of wall time: about 1 G instructions take a second.
  int timeout_ms = 120000;
  // The emulator; a name is looked up on PATH.
  std::string program = "qemu-system-arm";
};

// The Debian package of the emulator.
inline constexpr char kEmulatorPackage[] = "qemu-system-arm";

// The words that start the emulator with this firmware, its clock counting instructions; where
// lines go to is not among them. `timeout_ms` is not looked at.
std::vector<std::string> EmulatorCommand(const EmulatorOptions& options);

// Blocks until the firmware ends. Time is counted in instructions, so the result is the same
// whenever and wherever it runs. FailedPrecondition with TOOL_MISSING where there is no emulator;
// DeadlineExceeded; Internal with what was printed for firmware that fails; DataLoss as
// ParseFirmwareOutput. Thread-safe.
absl::StatusOr<FirmwareOutput> RunFirmware(const EmulatorOptions& options);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_EMULATOR_EMULATOR_H_
