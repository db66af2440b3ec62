// niwaki evaluate …

#include "services/cli/commands/commands.h"
#include "services/cli/commands/trainer_program.h"

namespace niwaki::cli {

void AddEvaluateCommand(CLI::App& app, Session& session) {
  AddTrainerCommand(app, session, "evaluate",
                    "Measure the accuracy of one subnet, in int8 too (niwaki evaluate --help)",
                    {"evaluate"});
}

}  // namespace niwaki::cli
