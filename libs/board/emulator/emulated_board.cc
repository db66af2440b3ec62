#include "libs/board/emulator/emulated_board.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::board {
namespace {

constexpr uint32_t kFourMegabytes = 4 << 20;

// QEMU 7.2, hw/arm/mps2.c and mps2-tz.c: clocks of 25 and 20 MHz. The AN505 starts in the secure
// world, whose view of its memory and timers this is.
constexpr EmulatedBoard kBoards[] = {
    {"mps2-an385", "cortex-m3", 0, 0x20000000, kFourMegabytes, kFourMegabytes, 0x40000000,
     0x40002000, 40, 0x40004000, 0},
    {"mps2-an386", "cortex-m4", 0, 0x20000000, kFourMegabytes, kFourMegabytes, 0x40000000,
     0x40002000, 40, 0x40004000, 0},
    {"mps2-an500", "cortex-m7", 0, 0x20000000, kFourMegabytes, kFourMegabytes, 0x40000000,
     0x40002000, 40, 0x40004000, 0},
    {"mps2-an505", "cortex-m33", 0x10000000, 0x38000000, kFourMegabytes, kFourMegabytes, 0x50000000,
     0x50002000, 50, 0x50200000, 32},
};

}  // namespace

absl::Span<const EmulatedBoard> EmulatedBoards() { return kBoards; }

absl::StatusOr<EmulatedBoard> FindEmulatedBoard(absl::string_view name) {
  const std::string wanted = absl::AsciiStrToLower(name);
  std::string known;
  for (const EmulatedBoard& board : kBoards) {
    if (wanted == board.name || wanted == board.core ||
        absl::StrCat("cortex-", wanted) == board.core)
      return board;
    absl::StrAppend(&known, known.empty() ? "" : ", ", board.name, " (", board.core, ")");
  }
  return Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
      .Field("board")
      .Value(name)
      .Limit(known)
      .Message(absl::StrCat("no board '", name, "' is emulated; there are ", known));
}

uint64_t InstructionsOf(const EmulatedBoard& board, uint64_t ticks) {
  return (ticks * board.tick_ns + (uint64_t{1} << (kIcountShift - 1))) >> kIcountShift;
}

}  // namespace niwaki::board
