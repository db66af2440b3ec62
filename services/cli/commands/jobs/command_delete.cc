// niwaki delete JOB

#include <string>

#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"

namespace niwaki::cli {
namespace {

struct DeleteOptions {
  std::string job;
  std::string etag;
};

absl::Status RunDelete(Session& session, const DeleteOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "job"));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_RETURN_IF_ERROR(coordinator->DeleteJob(name, options.etag));
  if (session.json()) {
    session.PrintJson(Json{{"deleted", name}});
  } else {
    session.out() << name << " deleted\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddDeleteCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App* sub = AddSubcommand(
      app, "delete", "Remove an ended job with its candidates; scores stay known to later jobs",
      "niwaki delete my-job");
  sub->add_option("job", options->job, "The job")->required();
  sub->add_option("--etag", options->etag, "Only if the job still has this etag");
  SetAction(sub, session, options, RunDelete);
}

}  // namespace niwaki::cli
