// niwaki oracle: where the oracle's figures come from, and what they are worth. For the registry of
// commands and for tests.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_ORACLE_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_ORACLE_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// All must outlive the parsing and the run.
void AddOracleCommand(CLI::App& app, Session& session);

// Its subcommands.
void AddCalibrateCommand(CLI::App& oracle, Session& session);
void AddAdaptCommand(CLI::App& oracle, Session& session);
void AddProfileCommand(CLI::App& oracle, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_ORACLE_ORACLE_COMMANDS_H_
