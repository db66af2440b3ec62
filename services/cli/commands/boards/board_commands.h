// niwaki boards: for the registry of commands and for tests.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_BOARDS_BOARD_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_BOARDS_BOARD_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Both must outlive the parsing and the run.
void AddBoardsCommand(CLI::App& app, Session& session);

// The subcommand that measures a network.
void AddMeasureCommand(CLI::App& boards, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_BOARDS_BOARD_COMMANDS_H_
