// niwaki jobs

#include <string>
#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/proto_json.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

struct JobsOptions {
  int64_t limit = 50;
};

absl::Status RunJobs(Session& session, const JobsOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  std::string trouble;
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs,
                          coordinator->ListJobs(options.limit, &trouble));
  if (!session.json()) {
    session.out() << JobTable(jobs).ToString()
                  << (trouble.empty() ? StandstillNotes(jobs) : trouble + "\n");
    return absl::OkStatus();
  }
  Json list = Json::array();
  for (const v1::Job& job : jobs) list.push_back(MessageToJson(job));
  Json json = {{"jobs", std::move(list)}};
  if (!trouble.empty()) json["trouble"] = trouble;
  session.PrintJson(json);
  return absl::OkStatus();
}

}  // namespace

void AddJobsCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<JobsOptions>();
  CLI::App* jobs = AddSubcommand(app, "jobs", "List jobs, newest first", "niwaki jobs --limit 10");
  jobs->add_option("--limit", options->limit, "At most this many; 0 for all")
      ->check(program::FromZero())
      ->capture_default_str();
  SetAction(jobs, session, options, RunJobs);
}

}  // namespace niwaki::cli
