// niwaki oracle calibrate | adapt

#include "services/cli/commands/command.h"
#include "services/cli/commands/oracle/oracle_commands.h"

namespace niwaki::cli {

void AddOracleCommand(CLI::App& app, Session& session) {
  CLI::App* oracle =
      AddSubcommand(app, "oracle", "Where latencies come from, and how good they are",
                    "niwaki oracle calibrate --device stm32f746");
  oracle->require_subcommand(1);
  AddCalibrateCommand(*oracle, session);
  AddAdaptCommand(*oracle, session);
}

}  // namespace niwaki::cli
