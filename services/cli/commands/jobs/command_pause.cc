// niwaki pause JOB

#include "libs/client/coordinator_client.h"
#include "services/cli/commands/jobs/job_change.h"
#include "services/cli/commands/jobs/job_commands.h"

namespace niwaki::cli {

void AddPauseCommand(CLI::App& app, Session& session) {
  AddJobChangeCommand(app, session, "pause", "Stop handing out a job's candidates",
                      &client::CoordinatorClient::PauseJob);
}

}  // namespace niwaki::cli
