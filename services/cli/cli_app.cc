#include "services/cli/cli_app.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/jobfile/suggest.h"
#include "services/cli/commands/commands.h"
#include "services/cli/error_report.h"
#include "services/cli/exit_code.h"

namespace niwaki::cli {
namespace {

void AddGlobalOptions(CLI::App& app, Session& session) {
  GlobalOptions& globals = session.globals();
  app.add_option("--coordinator", globals.coordinator,
                 "Address of the coordinator, host:port [$NIWAKI_COORDINATOR, else the local "
                 "cluster's]");
  app.add_option("--oracle", globals.oracle,
                 "Address of the oracle, host:port [$NIWAKI_ORACLE, else the local cluster's]");
  app.add_option("--data-dir", globals.data_dir,
                 "Folder of the local cluster [$NIWAKI_DATA_DIR, $XDG_STATE_HOME/niwaki, "
                 "./niwaki-data]");
  app.add_option_function<std::string>(
         "--output", [&globals](const std::string& value) { globals.json = value == "json"; },
         "Form of results and errors: text or json")
      ->check(CLI::IsMember({"text", "json"}));
}

// Whether JSON was asked for on a command line that could not be read to its end.
bool AsksForJson(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--output=json") return true;
    if (arguments[i] == "--output" && i + 1 < arguments.size() && arguments[i + 1] == "json") {
      return true;
    }
  }
  return false;
}

// What is wrong where the first word is no command; "" where it is one, or an option.
std::string UnknownCommand(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].empty() || arguments[0][0] == '-') return "";
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  if (std::find(names.begin(), names.end(), arguments[0]) != names.end()) return "";
  const std::string closest = jobfile::ClosestName(arguments[0], names);
  return absl::StrCat("unknown command '", arguments[0], "'",
                      closest.empty() ? "" : absl::StrCat("; did you mean '", closest, "'?"));
}

int Report(const absl::Status& status, Session& session) {
  const absl::Status explained = session.Explain(status);
  if (session.json()) {
    session.PrintJson(FormatErrorJson(explained));
  } else {
    session.err() << FormatErrorText(explained);
  }
  return ExitCodeOf(explained);
}

absl::Status UsageError(const std::string& message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("command line")
      .Message(message);
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, Session& session) {
  CLI::App app("niwaki finds the best small network for a device.", "niwaki");
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kExitCodeHelp);
  AddGlobalOptions(app, session);
  AddCommands(app, session);
  try {
    // The parser takes its arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, session.out(), session.err());
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    session.globals().json = AsksForJson(arguments);
    std::string message = UnknownCommand(app, arguments);
    if (message.empty()) message = error.what();
    if (!session.json()) absl::StrAppend(&message, " (see niwaki --help)");
    return Report(UsageError(message), session);
  }
  const absl::Status status = session.action();
  return status.ok() ? kExitOk : Report(status, session);
}

int RunMain(int argc, char** argv) {
  // A reader that goes away is an error of the write, not a death by signal.
  signal(SIGPIPE, SIG_IGN);
  SessionOptions options;
  options.out = &std::cout;
  options.err = &std::cerr;
  options.out_is_terminal = isatty(STDOUT_FILENO);
  options.err_is_terminal = isatty(STDERR_FILENO);
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    options.columns = size.ws_col;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  options.program_path = "/proc/self/exe";
  options.client.retry.max_attempts = 4;
  Session session(std::move(options));
  const int code = RunCli(std::vector<std::string>(argv + 1, argv + argc), session);
  std::cout.flush();
  // After an interruption a thread may still wait for a peer; nothing else is left to do.
  if (code == kExitInterrupted) std::_Exit(code);
  return std::cout.good() ? code : std::max<int>(code, kExitFailed);
}

}  // namespace niwaki::cli
