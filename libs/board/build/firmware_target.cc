#include "libs/board/build/firmware_target.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::board {
namespace {

constexpr int64_t kKilobyte = 1024;

std::string Address(uint32_t value) { return absl::StrFormat("0x%xu", value); }

// A USART and its pins, 16 times the port plus the number.
FirmwareTarget Stm32(const std::string& family, const std::string& core, const std::string& uart,
                     const std::string& tx, const std::string& rx) {
  FirmwareTarget target;
  target.name = family;
  target.core = core;
  target.port = {"stm32.c", family + ".c"};
  target.defines = {
      {"NW_UART", uart}, {"NW_UART_TX", tx}, {"NW_UART_RX", rx}, {"NW_BAUD", "115200"}};
  target.flash_begin = 0x08000000;
  target.ram_begin = 0x20000000;
  return target;
}

// STM32F446: ST's Nucleo-64, USART2 at PA2 and PA3.
FirmwareTarget Stm32F4() {
  FirmwareTarget target = Stm32("stm32f4", "cortex-m4", "2", "0x02", "0x03");
  target.flash_bytes = 512 * kKilobyte;
  target.ram_bytes = 128 * kKilobyte;
  return target;
}

// STM32F746: ST's Nucleo-144, USART3 at PD8 and PD9; 64 kB of tightly coupled RAM begin what is
// contiguous.
FirmwareTarget Stm32F7() {
  FirmwareTarget target = Stm32("stm32f7", "cortex-m7", "3", "0x38", "0x39");
  target.flash_bytes = 1024 * kKilobyte;
  target.ram_bytes = 320 * kKilobyte;
  return target;
}

// STM32H743: ST's Nucleo-144, USART3 at PD8 and PD9. AXI SRAM for what is large; the stack in the
// tightly coupled RAM.
FirmwareTarget Stm32H7() {
  FirmwareTarget target = Stm32("stm32h7", "cortex-m7", "3", "0x38", "0x39");
  target.flash_bytes = 2048 * kKilobyte;
  target.ram_begin = 0x24000000;
  target.ram_bytes = 512 * kKilobyte;
  target.fast_begin = 0x20000000;
  target.fast_bytes = 128 * kKilobyte;
  return target;
}

}  // namespace

FirmwareTarget TargetOf(const EmulatedBoard& board) {
  FirmwareTarget target;
  target.name = std::string(board.name);
  target.core = std::string(board.core);
  target.port = {"mps2.c"};
  target.defines = {
      {"NW_TIMER", Address(board.timer)},
      {"NW_DUAL_TIMER", Address(board.dual_timer)},
      {"NW_UART", Address(board.uart)},
      {"NW_UART_INTERRUPT", absl::StrCat(board.uart_interrupt)},
      {"NW_CLOCK_HZ", absl::StrCat(board.clock_hz(), "u")},
      {"NW_BOARD_NAME", absl::StrCat("\"", board.name, "\"")},
  };
  target.flash_begin = board.flash_begin;
  target.flash_bytes = board.flash_bytes;
  target.ram_begin = board.ram_begin;
  target.ram_bytes = board.ram_bytes;
  return target;
}

std::vector<FirmwareTarget> FirmwareTargets() {
  std::vector<FirmwareTarget> targets;
  for (const EmulatedBoard& board : EmulatedBoards()) targets.push_back(TargetOf(board));
  for (FirmwareTarget (*target)() : {Stm32F4, Stm32F7, Stm32H7}) targets.push_back(target());
  return targets;
}

absl::StatusOr<FirmwareTarget> FindFirmwareTarget(absl::string_view name) {
  std::string known;
  for (FirmwareTarget& target : FirmwareTargets()) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", target.name);
    if (target.name == name) return std::move(target);
  }
  return Error(absl::StatusCode::kNotFound, reason::kDeviceUnknown)
      .Field("target")
      .Value(name)
      .Limit(known)
      .Message(absl::StrCat("there is no firmware for '", name, "'; there is for ", known));
}

void Define(FirmwareTarget& target, const std::string& name, const std::string& value) {
  for (auto& [known, old] : target.defines) {
    if (known == name) {
      old = value;
      return;
    }
  }
  target.defines.emplace_back(name, value);
}

}  // namespace niwaki::board
