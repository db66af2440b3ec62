// The boards that are emulated here: Arm's MPS2 images as QEMU has them.

#ifndef NIWAKI_LIBS_BOARD_EMULATOR_EMULATED_BOARD_H_
#define NIWAKI_LIBS_BOARD_EMULATOR_EMULATED_BOARD_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace niwaki::board {

struct EmulatedBoard {
  // Of the machine, as QEMU says it.
  absl::string_view name;
  // As compilers say it (-mcpu).
  absl::string_view core;
  // Where code and constants lie, and data: 4 MiB each.
  uint32_t flash_begin;
  uint32_t ram_begin;
  uint32_t flash_bytes;
  uint32_t ram_bytes;
  // CMSDK timers, at the clock of the board.
  uint32_t timer;
  uint32_t dual_timer;
  // Of one tick: with 2^kIcountShift ns an instruction, ticks are instructions.
  uint32_t tick_ns;
  // CMSDK UART 0, and the number of its interrupt for what is received.
  uint32_t uart;
  uint32_t uart_interrupt;

  // Of the timers.
  uint32_t clock_hz() const { return 1000000000 / tick_ns; }
};

// QEMU counts 2^kIcountShift nanoseconds an instruction: no tick is longer than an instruction.
inline constexpr int kIcountShift = 7;

// Cortex-M3, M4, M7 and M33.
absl::Span<const EmulatedBoard> EmulatedBoards();

// By the machine's name or the core's: "mps2-an386", "cortex-m4", "m4". NotFound with reason
// DEVICE_UNKNOWN lists them all.
absl::StatusOr<EmulatedBoard> FindEmulatedBoard(absl::string_view name);

// Instructions that `ticks` of the board's timer are.
uint64_t InstructionsOf(const EmulatedBoard& board, uint64_t ticks);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_EMULATOR_EMULATED_BOARD_H_
