// Commands that are the training program's: this process becomes that one.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_TRAINER_PROGRAM_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_TRAINER_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Adds a command that runs niwaki-train with `leading` and whatever stands behind the command,
// --help included, in place of this process, so that signals and the exit code are its own.
void AddTrainerCommand(CLI::App& app, Session& session, const std::string& command,
                       const std::string& description, const std::vector<std::string>& leading);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_TRAINER_PROGRAM_H_
