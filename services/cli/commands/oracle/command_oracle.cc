// niwaki oracle profile | calibrate | adapt

#include "services/cli/commands/command.h"
#include "services/cli/commands/oracle/oracle_commands.h"

namespace niwaki::cli {

void AddOracleCommand(CLI::App& app, Session& session) {
  CLI::App* oracle = AddSubcommand(
      app, "oracle", "What fills the oracle's tables, and what its latencies are worth",
      "niwaki oracle profile --device stm32f746 --space kws");
  oracle->require_subcommand(1);
  AddProfileCommand(*oracle, session);
  AddCalibrateCommand(*oracle, session);
  AddAdaptCommand(*oracle, session);
}

}  // namespace niwaki::cli
