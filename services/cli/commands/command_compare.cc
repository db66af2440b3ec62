// niwaki compare …

#include "services/cli/commands/commands.h"
#include "services/cli/commands/trainer_program.h"

namespace niwaki::cli {

void AddCompareCommand(CLI::App& app, Session& session) {
  AddTrainerCommand(app, session, "compare",
                    "Compare subnets with networks trained alone (niwaki compare --help)",
                    {"compare"});
}

}  // namespace niwaki::cli
