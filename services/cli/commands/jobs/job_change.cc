#include "services/cli/commands/jobs/job_change.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/proto_json.h"

namespace niwaki::cli {
namespace {

struct ChangeOptions {
  std::string job;
  JobChange change = nullptr;
};

absl::Status RunChange(Session& session, const ChangeOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "job"));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, ((*coordinator).*options.change)(name));
  if (session.json()) {
    session.PrintJson(MessageToJson(job));
  } else {
    session.out() << JobSummary(job) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddJobChangeCommand(CLI::App& app, Session& session, const std::string& command,
                         const std::string& description, JobChange change) {
  auto options = std::make_shared<ChangeOptions>();
  options->change = change;
  CLI::App* sub =
      AddSubcommand(app, command, description, absl::StrCat("niwaki ", command, " my-job"));
  sub->add_option("job", options->job, "The job")->required();
  SetAction(sub, session, options, RunChange);
}

}  // namespace niwaki::cli
