// niwaki resume JOB

#include "libs/client/coordinator_client.h"
#include "services/cli/commands/jobs/job_change.h"
#include "services/cli/commands/jobs/job_commands.h"

namespace niwaki::cli {

void AddResumeCommand(CLI::App& app, Session& session) {
  AddJobChangeCommand(app, session, "resume", "Go on with a paused job",
                      &client::CoordinatorClient::ResumeJob);
}

}  // namespace niwaki::cli
