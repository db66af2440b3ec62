// Commands that send jobs, follow them, change their state and show what they found:
//
//   niwaki submit FILE
//   niwaki jobs | watch | front | candidates NAME
//   niwaki pause | resume | cancel | delete NAME

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Each adds one command, whose callback sets `session.action`.
void AddSubmitCommand(CLI::App& app, Session& session);
void AddWatchCommand(CLI::App& app, Session& session);
void AddJobsCommand(CLI::App& app, Session& session);
void AddFrontCommand(CLI::App& app, Session& session);
void AddCandidatesCommand(CLI::App& app, Session& session);
void AddCancelCommand(CLI::App& app, Session& session);
void AddPauseCommand(CLI::App& app, Session& session);
void AddResumeCommand(CLI::App& app, Session& session);
void AddDeleteCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_JOBS_JOB_COMMANDS_H_
