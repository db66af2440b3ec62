#include "libs/board/emulator/emulator.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/process/run_program.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::board {

std::vector<std::string> EmulatorCommand(const EmulatorOptions& options) {
  return {options.program,
          "-M",
          std::string(options.board.name),
          "-kernel",
          options.elf_path,
          "-display",
          "none",
          "-monitor",
          "none",
          "-icount",
          absl::StrCat("shift=", kIcountShift, ",sleep=off")};
}

absl::StatusOr<FirmwareOutput> RunFirmware(const EmulatorOptions& options) {
  ProgramOptions program;
  program.argv = EmulatorCommand(options);
  for (const char* word : {"-serial", "null", "-chardev", "stdio,id=host,signal=off",
                           "-semihosting-config", "enable=on,target=native,chardev=host"}) {
    program.argv.push_back(word);
  }
  program.package = kEmulatorPackage;
  program.timeout_ms = options.timeout_ms;
  NIWAKI_ASSIGN_OR_RETURN(const ProgramResult result, RunProgram(program));
  if (result.exit_code != 0) {
    const std::string said = result.standard_output + result.standard_error;
    return Error(absl::StatusCode::kInternal, reason::kSystemError)
        .Field(options.board.name)
        .Value(result.exit_code)
        .Message(absl::StrCat("the firmware on ", options.board.name, " ended with code ",
                              result.exit_code,
                              " and said: ", absl::StripSuffix(said.substr(0, 500), "\n")));
  }
  return ParseFirmwareOutput(result.standard_output);
}

}  // namespace niwaki::board
