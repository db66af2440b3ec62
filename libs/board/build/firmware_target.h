// What firmware can be built for: a port layer of libs/board/firmware, a core, and where memory
// lies.

#ifndef NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_TARGET_H_
#define NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_TARGET_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/board/emulator/emulated_board.h"

namespace niwaki::board {

struct FirmwareTarget {
  // Of the port: "mps2-an386", "stm32h7".
  std::string name;
  // As compilers say it (-mcpu).
  std::string core;
  // C files of libs/board/firmware, without those of all Cortex-M.
  std::vector<std::string> port;
  // C files elsewhere, by their paths: a port of one's own.
  std::vector<std::string> files;
  // What the port is told, by name: {"NW_UART", "3"}.
  std::vector<std::pair<std::string, std::string>> defines;
  int64_t flash_begin = 0;
  int64_t flash_bytes = 0;
  int64_t ram_begin = 0;
  int64_t ram_bytes = 0;
  // Faster RAM apart, for the stack and section .fast; no bytes for none.
  int64_t fast_begin = 0;
  int64_t fast_bytes = 0;
};

// The machine as QEMU has it.
FirmwareTarget TargetOf(const EmulatedBoard& board);

// All targets: the emulated boards, stm32f4, stm32f7, stm32h7. Memory is that of the smallest chip
// that the family's name stands for in the catalogue of devices; a board's file may say more.
std::vector<FirmwareTarget> FirmwareTargets();

// NotFound with reason DEVICE_UNKNOWN lists them all.
absl::StatusOr<FirmwareTarget> FindFirmwareTarget(absl::string_view name);

// Sets or replaces a definition.
void Define(FirmwareTarget& target, const std::string& name, const std::string& value);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_TARGET_H_
