#include "libs/board/config/board_command.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {
namespace {

constexpr size_t kMaxSaidBytes = 1000;

// The Debian package of a program that people flash or switch with.
std::string PackageOf(const std::string& program) {
  if (program == "st-flash") return "stlink-tools";
  if (program == "dfu-util" || program == "openocd" || program == "uhubctl") return program;
  return "that holds it";
}

absl::Status RunCommand(const BoardConfig& config, const CommandConfig& command,
                        absl::string_view field, const std::string& elf, const std::string& bin) {
  if (command.argv.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field(field)
        .Value(config.name)
        .Message(absl::StrCat("the file of board ", config.name, " has no ", field));
  }
  ProgramOptions program;
  for (const std::string& word : command.argv) {
    program.argv.push_back(absl::StrReplaceAll(
        word, {{"{elf}", elf}, {"{bin}", bin}, {"{serial}", config.probe_serial}}));
  }
  program.package = PackageOf(program.argv[0]);
  program.timeout_ms = static_cast<int>(absl::ToInt64Milliseconds(command.timeout));
  program.timeout_ms = std::max(program.timeout_ms, 1);
  const absl::StatusOr<ProgramResult> result = RunProgram(program);
  const std::string context = absl::StrCat(field, " of board ", config.name);
  if (!result.ok()) return Annotate(result.status(), context);
  if (result->exit_code == 0) return absl::OkStatus();
  // Tools print what went wrong last.
  const std::string all = absl::StrCat(result->standard_output, result->standard_error);
  const size_t begin = all.size() > kMaxSaidBytes ? all.size() - kMaxSaidBytes : 0;
  return Error(absl::StatusCode::kUnavailable, reason::kCommandFailed)
      .Field(field)
      .Value(result->exit_code)
      .Limit(0)
      .Message(absl::StrCat(context, ": ", program.argv[0], " ended with code ", result->exit_code,
                            " and said: ", absl::StripAsciiWhitespace(all.substr(begin))));
}

}  // namespace

absl::Status FlashBoard(const BoardConfig& config, const std::string& elf, const std::string& bin) {
  return RunCommand(config, config.flash, "flash.command", elf, bin);
}

absl::Status CyclePower(const BoardConfig& config) {
  return RunCommand(config, config.power_cycle, "power.cycle", "", "");
}

}  // namespace niwaki::board
