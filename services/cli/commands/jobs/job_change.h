// Commands that change one job's state: cancel, pause, resume.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_CHANGE_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_CHANGE_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/client/coordinator_client.h"
#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

using JobChange = absl::StatusOr<v1::Job> (client::CoordinatorClient::*)(const std::string& name);

// Adds a command that calls `change` for the job that it names and shows the job afterwards.
void AddJobChangeCommand(CLI::App& app, Session& session, const std::string& command,
                         const std::string& description, JobChange change);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_CHANGE_H_
