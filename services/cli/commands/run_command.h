// Runs the command lines of some commands alone, without the whole `niwaki`: for tests of commands
// that are a library of their own.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_RUN_COMMAND_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_RUN_COMMAND_H_

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// `add` puts the commands into the application. What is printed goes to `out` and `err` (borrowed).
// InvalidArgument for a command line that does not parse; OK for --help; else the action's status.
inline absl::Status RunCommand(const std::function<void(CLI::App&, Session&)>& add,
                               std::vector<std::string> arguments, bool json, std::ostream& out,
                               std::ostream& err) {
  SessionOptions options;
  options.out = &out;
  options.err = &err;
  Session session(std::move(options));
  session.globals().json = json;
  CLI::App app;
  add(app, session);
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, out);
    return absl::OkStatus();
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return session.action();
}

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_RUN_COMMAND_H_
