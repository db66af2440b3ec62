// What the command files share: making a subcommand with its example, and its action.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_COMMAND_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_COMMAND_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// A subcommand of `parent`; `example` is shown at the end of its --help.
inline CLI::App* AddSubcommand(CLI::App& parent, const std::string& name,
                               const std::string& description, const std::string& example) {
  CLI::App* sub = parent.add_subcommand(name, description);
  sub->footer("Example:\n  " + example);
  return sub;
}

// Lets `sub` run `run` with the options that the command line filled in.
template <typename Options>
void SetAction(CLI::App* sub, Session& session, std::shared_ptr<Options> options,
               absl::Status (*run)(Session&, const Options&)) {
  sub->callback([&session, options, run] {
    session.action = [&session, options, run] { return run(session, *options); };
  });
}

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_COMMAND_H_
