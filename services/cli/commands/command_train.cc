// niwaki train …

#include "services/cli/commands/commands.h"
#include "services/cli/commands/trainer_program.h"

namespace niwaki::cli {

void AddTrainCommand(CLI::App& app, Session& session) {
  AddTrainerCommand(app, session, "train", "Train a supernet (niwaki train --help)", {});
}

}  // namespace niwaki::cli
