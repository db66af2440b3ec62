#include "tests/bench/oracle_program.h"

#include <filesystem>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"

namespace niwaki::bench {
namespace {

constexpr char kProgram[] = ".runfiles/niwaki/services/oracle/niwaki-oracle";
constexpr absl::Duration kPoll = absl::Milliseconds(5);

}  // namespace

absl::StatusOr<std::unique_ptr<OracleProgram>> OracleProgram::Start(const std::string& folder) {
  const std::string address_file = absl::StrCat(folder, "/oracle.address");
  cli::ChildOptions options;
  options.path = absl::StrCat(std::filesystem::read_symlink("/proc/self/exe").string(), kProgram);
  options.log_path = absl::StrCat(folder, "/oracle.log");
  options.arguments = {"--listen",       "127.0.0.1:0", "--db", absl::StrCat(folder, "/oracle.db"),
                       "--address-file", address_file};
  NIWAKI_ASSIGN_OR_RETURN(auto process, cli::ChildProcess::Start(options));
  while (!FileExists(address_file)) {
    if (!process->Running()) {
      return absl::FailedPreconditionError(
          absl::StrCat(options.path, " ended with ", process->Outcome()));
    }
    Clock::Real().Sleep(kPoll);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string address, ReadFile(address_file));
  return absl::WrapUnique(
      new OracleProgram(std::move(process), std::string(absl::StripAsciiWhitespace(address))));
}

}  // namespace niwaki::bench
