// niwaki cancel JOB

#include "libs/client/coordinator_client.h"
#include "services/cli/commands/jobs/job_change.h"
#include "services/cli/commands/jobs/job_commands.h"

namespace niwaki::cli {

void AddCancelCommand(CLI::App& app, Session& session) {
  AddJobChangeCommand(app, session, "cancel", "End a job; its candidates stay",
                      &client::CoordinatorClient::CancelJob);
}

}  // namespace niwaki::cli
