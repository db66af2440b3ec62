// Builds firmware for a board from the folder of an exported network.

#ifndef NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_BUILD_H_
#define NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_BUILD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/board/build/firmware_target.h"
#include "libs/board/build/object_cache.h"
#include "libs/board/emulator/emulated_board.h"

namespace niwaki::board {

// GNU's cross compiler for Cortex-M; a name is looked up on PATH.
inline constexpr char kCrossCompiler[] = "arm-none-eabi-gcc";

enum class FirmwareProgram {
  // Runs the test vector once and prints what came out (libs/board/firmware/report.c). Of emulated
  // boards only.
  kReport,
  // Waits for a host (libs/board/protocol/FRAME.md).
  kServe,
};

struct FirmwareOptions {
  EmulatedBoard board;
  // What it is built for in place of `board`.
  std::optional<FirmwareTarget> target;
  FirmwareProgram program = FirmwareProgram::kReport;
  // Of the network's sources, for the board to say; SHA-256 in hexadecimal or empty.
  std::string network_digest;
  // Where the network's sources lie, PREFIX.c and the kernels, and how its names begin.
  std::string folder;
  std::string prefix;
  // C sources of the folder, by their paths in it.
  std::vector<std::string> sources;
  // Whether the network was exported with hooks.
  bool profile = false;
  // Whether its test vector starts at a sensor.
  bool sensor = false;
  // How code computes in floating point; a unit needs more: -mfloat-abi=hard and -mfpu.
  std::vector<std::string> float_flags = {"-mfloat-abi=soft"};
  // What the compiler is given besides what the board needs.
  std::vector<std::string> flags;
  // Budgets; 0 for what the board has.
  int64_t flash_bytes = 0;
  int64_t ram_bytes = 0;
  int64_t stack_bytes = 16 * 1024;
  // An empty folder for the firmware's own sources and the result.
  std::string work_folder;
  std::string compiler = kCrossCompiler;
  // Objects of before, where networks and builds share sources; borrowed, may be null.
  ObjectCache* object_cache = nullptr;
};

// The path of the linked firmware. FailedPrecondition with TOOL_MISSING and the package where there
// is no cross compiler; ResourceExhausted where the network does not fit the budgets; Internal with
// what the compiler says. Blocks. Thread-safe for different work folders.
absl::StatusOr<std::string> BuildFirmware(const FirmwareOptions& options);

// What distinguishes firmware whose figures must not mix, the network apart: SHA-256 of the
// firmware's sources, the target, the flags and the compiler's version. The board says it, too. The
// errors of CompilerVersion.
absl::StatusOr<std::string> FirmwareDigest(const FirmwareOptions& options);

// The bytes of a linked program as they lie in flash, PATH.bin beside PATH.elf, for tools that
// flash those; by the compiler's objcopy.
absl::StatusOr<std::string> MakeBinary(const std::string& elf,
                                       const std::string& compiler = kCrossCompiler);

// The path of a program that holds the network and nothing else: PREFIX_invoke and what it calls,
// the C library's memcpy included. Its sizes (libs/board/elf_sizes) are what the network takes; it
// cannot be run. Budgets do not matter. Errors as above.
absl::StatusOr<std::string> LinkNetwork(const FirmwareOptions& options);

// The first line of the compiler's --version.
absl::StatusOr<std::string> CompilerVersion(const std::string& compiler = kCrossCompiler);

}  // namespace niwaki::board

#endif  // NIWAKI_LIBS_BOARD_BUILD_FIRMWARE_BUILD_H_
