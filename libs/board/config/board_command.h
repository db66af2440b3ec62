// What a board's file lets run: the program that flashes, and the one that switches its power.

#ifndef NIWAKI_LIBS_BOARD_CONFIG_BOARD_COMMAND_H_
#define NIWAKI_LIBS_BOARD_CONFIG_BOARD_COMMAND_H_

#include <string>

#include "absl/status/status.h"
#include "libs/board/config/board_config.h"

namespace niwaki::board {

// Both block, at most as long as the file says, without a shell, and are thread-safe.
// FailedPrecondition with TOOL_MISSING where there is no such program; DeadlineExceeded;
// Unavailable with COMMAND_FAILED, its exit code and the end of what it said.

// Runs flash.command, {elf}, {bin} and {serial} put in. FailedPrecondition with ARGUMENT_INVALID
// for a board without one.
absl::Status FlashBoard(const BoardConfig& config, const std::string& elf, const std::string& bin);

// Runs power.cycle. FailedPrecondition with ARGUMENT_INVALID for a board without one.
absl::Status CyclePower(const BoardConfig& config);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_CONFIG_BOARD_COMMAND_H_
