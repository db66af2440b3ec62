// The registry of commands: one function for each, in the file command_NAME.cc, adds it to the
// command line.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Adds every command. Both must outlive the parsing and the run.
void AddCommands(CLI::App& app, Session& session);

// Each adds one command, whose callback sets `session.action`.
void AddSpaceCommand(CLI::App& app, Session& session);
void AddShowCommand(CLI::App& app, Session& session);
void AddEstimateCommand(CLI::App& app, Session& session);
void AddDevicesCommand(CLI::App& app, Session& session);
void AddLutCommand(CLI::App& app, Session& session);
void AddDataCommand(CLI::App& app, Session& session);
void AddTrainCommand(CLI::App& app, Session& session);
void AddEvaluateCommand(CLI::App& app, Session& session);
void AddCompareCommand(CLI::App& app, Session& session);
void AddSupernetCommand(CLI::App& app, Session& session);
void AddSearchCommand(CLI::App& app, Session& session);
void AddWorkersCommand(CLI::App& app, Session& session);
void AddUpCommand(CLI::App& app, Session& session);
void AddDownCommand(CLI::App& app, Session& session);
void AddHealthCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_COMMANDS_H_
