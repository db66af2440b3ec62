#include "services/cli/commands/commands.h"

#include "services/cli/commands/analyses/analyze_commands.h"
#include "services/cli/commands/boards/board_commands.h"
#include "services/cli/commands/exports/export_commands.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/commands/networks/network_commands.h"
#include "services/cli/commands/oracle/oracle_commands.h"
#include "services/cli/commands/predictor_commands.h"

namespace niwaki::cli {

void AddCommands(CLI::App& app, Session& session) {
  // In the order of --help.
  AddUpCommand(app, session);
  AddDownCommand(app, session);
  AddHealthCommand(app, session);
  AddDataCommand(app, session);
  AddTrainCommand(app, session);
  AddEvaluateCommand(app, session);
  AddCompareCommand(app, session);
  AddSupernetCommand(app, session);
  AddNetworkCommand(app, session);
  AddAnalyzeCommand(app, session);
  AddExportCommand(app, session);
  AddRunCommand(app, session);
  AddPredictorCommand(app, session);
  AddSearchCommand(app, session);
  AddSubmitCommand(app, session);
  AddWatchCommand(app, session);
  AddJobsCommand(app, session);
  AddFrontCommand(app, session);
  AddCandidatesCommand(app, session);
  AddCancelCommand(app, session);
  AddPauseCommand(app, session);
  AddResumeCommand(app, session);
  AddDeleteCommand(app, session);
  AddWorkersCommand(app, session);
  AddBoardsCommand(app, session);
  AddSpaceCommand(app, session);
  AddShowCommand(app, session);
  AddEstimateCommand(app, session);
  AddDevicesCommand(app, session);
  AddLutCommand(app, session);
  AddOracleCommand(app, session);
}

}  // namespace niwaki::cli
