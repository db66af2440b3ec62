#include "services/cli/cli_app.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/process/terminal.h"
#include "libs/base/reason.h"
#include "libs/jobfile/suggest.h"
#include "services/cli/commands/commands.h"
#include "services/cli/error_report.h"
#include "services/cli/exit_code.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

constexpr char kProgram[] = "niwaki";

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

// Whether `argument` is the value of the option before it.
bool IsValue(const CLI::App& app, const std::string& before) {
  const CLI::Option* option = nullptr;
  for (const CLI::App* level = &app; level != nullptr && option == nullptr;
       level = level->get_parent()) {
    option = level->get_option_no_throw(before);
  }
  return option != nullptr && option->get_items_expected_max() > 0;
}

// What is wrong where a word stands in a command's place and is none, at any depth; "" elsewhere.
std::string UnknownCommand(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* at = &app;
  std::string path;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.empty() || argument[0] == '-') continue;
    if (i > 0 && IsValue(*at, arguments[i - 1])) continue;
    std::vector<std::string> names;
    for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(sub->get_name());
    }
    if (names.empty()) return "";
    if (std::find(names.begin(), names.end(), argument) != names.end()) {
      at = at->get_subcommand(argument);
      absl::StrAppend(&path, argument, " ");
      continue;
    }
    std::string message = absl::StrCat("unknown command '", path, argument, "'");
    const std::string closest = jobfile::ClosestName(argument, names);
    if (!closest.empty()) {
      absl::StrAppend(&message, "; did you mean '", path, closest, "'?");
    } else if (!path.empty()) {
      absl::StrAppend(&message, "; there are ", absl::StrJoin(names, ", "));
    }
    return message;
  }
  return "";
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

// The parser's "--limit: 'x' is not …" is about an option and its value.
absl::Status UsageError(const std::string& message) {
  const size_t colon = message.find(": ");
  const bool named = message[0] == '-' && colon != std::string::npos && message.find(' ') > colon;
  std::string value;
  if (named && message.size() > colon + 2 && message[colon + 2] == '\'') {
    value = message.substr(colon + 3, message.find('\'', colon + 3) - colon - 3);
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(named ? message.substr(0, colon) : "command line")
      .Value(value)
      .Message(message);
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments, Session& session) {
  CLI::App app("niwaki finds the best small network for a device.", kProgram);
  app.fallthrough();
  app.require_subcommand(1);
  app.footer(kExitCodeHelp);
  AddGlobalOptions(app, session);
  AddCommands(app, session);
  program::CheckArguments(app);
  try {
    // The parser takes its arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, session.out(), session.err());
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    session.globals().json = AsksForJson(arguments);
    std::string message = UnknownCommand(app, arguments);
    if (message.empty()) message = program::DescribeError(error);
    if (!session.json()) absl::StrAppend(&message, " (see niwaki --help)");
    return Report(UsageError(message), session);
  }
  const absl::Status status = session.action();
  // Ended because nobody reads on: whoever left knows.
  if (absl::IsCancelled(status) && !session.out_is_read()) return kExitOk;
  return status.ok() ? kExitOk : Report(status, session);
}

int RunMain(int argc, char** argv) {
  PrepareStandardStreams();
  SessionOptions options;
  options.out = &std::cout;
  options.err = &std::cerr;
  const char* const terminal = std::getenv("TERM");
  options.out_terminal = DescribeTerminal(STDOUT_FILENO, terminal);
  options.out_fd = STDOUT_FILENO;
  options.err_terminal = DescribeTerminal(STDERR_FILENO, terminal);
  options.err_fd = STDERR_FILENO;
  options.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  options.program_path = "/proc/self/exe";
  options.client.retry.max_attempts = 4;
  Session session(std::move(options));
  const int code = ExitCodeAfterOutput(
      kProgram, RunCli(std::vector<std::string>(argv + 1, argv + argc), session));
  // After an interruption a thread may still wait for a peer; nothing else is left to do.
  if (code == kExitInterrupted || !session.out_is_read()) std::_Exit(code);
  return code;
}

}  // namespace niwaki::cli
