#include "libs/board/build/firmware_build.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_source_data.h"

namespace niwaki::board {
namespace {

constexpr char kPackage[] = "gcc-arm-none-eabi";

std::string Hex(uint32_t value) { return absl::StrFormat("0x%xu", value); }

absl::StatusOr<ProgramResult> RunCompiler(const std::vector<std::string>& argv) {
  ProgramOptions program;
  program.argv = argv;
  program.package = kPackage;
  program.timeout_ms = 300000;
  return RunProgram(program);
}

// The firmware's own sources, in the work folder; the paths of those that are compiled.
absl::StatusOr<std::vector<std::string>> WriteFirmware(const std::string& folder) {
  std::vector<std::string> compiled;
  for (int i = 0; kFirmwareSourceData[i][0] != nullptr; ++i) {
    const std::string path = absl::StrCat(folder, "/", kFirmwareSourceData[i][0]);
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(path, kFirmwareSourceData[i][1]));
    if (absl::EndsWith(path, ".c")) compiled.push_back(path);
  }
  return compiled;
}

std::string LinkerSymbols(const FirmwareOptions& options) {
  const EmulatedBoard& board = options.board;
  const int64_t flash = options.flash_bytes > 0 ? options.flash_bytes : board.flash_bytes;
  const int64_t ram = options.ram_bytes > 0 ? options.ram_bytes : board.ram_bytes;
  return absl::StrFormat(
      "-Wl,--gc-sections,--defsym=nw_flash_begin=0x%x,--defsym=nw_ram_begin=0x%x,"
      "--defsym=nw_flash_bytes=%d,--defsym=nw_ram_bytes=%d,--defsym=nw_stack_bytes=%d",
      board.flash_begin, board.ram_begin, flash, ram, options.stack_bytes);
}

// What every compilation begins with.
std::vector<std::string> CompilerArguments(const FirmwareOptions& options) {
  std::vector<std::string> argv = {options.compiler, absl::StrCat("-mcpu=", options.board.core),
                                   "-mthumb"};
  argv.insert(argv.end(), options.float_flags.begin(), options.float_flags.end());
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  return argv;
}

void AddSources(const FirmwareOptions& options, std::vector<std::string>& argv) {
  for (const std::string& source : options.sources) {
    argv.push_back(absl::StrCat(options.folder, "/", source));
  }
}

std::vector<std::string> Arguments(const FirmwareOptions& options, const std::string& elf) {
  std::vector<std::string> argv = CompilerArguments(options);
  const std::string& prefix = options.prefix;
  for (const std::string& argument : {
           std::string("-nostartfiles"),
           absl::StrCat("-I", options.work_folder),
           absl::StrCat("-I", options.folder),
           absl::StrCat("-DNW_TIMER=", Hex(options.board.timer)),
           absl::StrCat("-DNW_DUAL_TIMER=", Hex(options.board.dual_timer)),
           absl::StrCat("-DNW_NETWORK=", prefix),
           absl::StrCat("-DNW_NETWORK_UPPER=", absl::AsciiStrToUpper(prefix)),
           absl::StrCat("-DNW_NETWORK_HEADER=\"", prefix, ".h\""),
           absl::StrCat("-DNW_NETWORK_TEST=\"", prefix, "_test.h\""),
           absl::StrCat("-DNW_PROFILE=", options.profile ? 1 : 0),
           absl::StrCat("-DNW_SENSOR=", options.sensor ? 1 : 0),
           absl::StrCat("-T", options.work_folder, "/mps2.ld"),
           LinkerSymbols(options),
           std::string("-o"),
           elf,
       }) {
    argv.push_back(argument);
  }
  AddSources(options, argv);
  return argv;
}

absl::Status Failed(const FirmwareOptions& options, const ProgramResult& result) {
  const std::string& said = result.standard_error;
  for (const absl::string_view memory : {"flash", "RAM"}) {
    if (!absl::StrContains(said, absl::StrCat(memory, " is too small for the network"))) continue;
    const bool flash = memory == "flash";
    const int64_t limit = flash ? options.flash_bytes : options.ram_bytes;
    return Error(absl::StatusCode::kResourceExhausted, reason::kBudgetUnsatisfiable)
        .Field(flash ? "flash" : "ram")
        .Limit(limit)
        .Message(absl::StrCat("the firmware does not fit the ", limit, " bytes of ", memory));
  }
  return Error(absl::StatusCode::kInternal, reason::kSystemError)
      .Field(options.compiler)
      .Value(result.exit_code)
      .Message(absl::StrCat(options.compiler, " ended with code ", result.exit_code, ": ",
                            absl::StripAsciiWhitespace(said).substr(0, 2000)));
}

}  // namespace

absl::StatusOr<std::string> BuildFirmware(const FirmwareOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<std::string> firmware,
                          WriteFirmware(options.work_folder));
  const std::string elf = absl::StrCat(options.work_folder, "/firmware.elf");
  std::vector<std::string> argv = Arguments(options, elf);
  argv.insert(argv.end(), firmware.begin(), firmware.end());
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler(argv));
  if (result.exit_code != 0) return Failed(options, result);
  return elf;
}

absl::StatusOr<std::string> LinkNetwork(const FirmwareOptions& options) {
  const std::string elf = absl::StrCat(options.work_folder, "/network.elf");
  std::vector<std::string> argv = CompilerArguments(options);
  argv.insert(argv.end(), {"-nostartfiles", "-Wl,--gc-sections",
                           absl::StrCat("-Wl,--entry=", options.prefix, "_invoke"),
                           absl::StrCat("-I", options.folder), "-o", elf});
  AddSources(options, argv);
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler(argv));
  if (result.exit_code != 0) return Failed(options, result);
  return elf;
}

absl::StatusOr<std::string> CompilerVersion(const std::string& compiler) {
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunCompiler({compiler, "--version"}));
  const std::vector<std::string> lines = absl::StrSplit(result.standard_output, '\n');
  return lines[0];
}

}  // namespace niwaki::board
