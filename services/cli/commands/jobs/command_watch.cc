// niwaki watch JOB

#include <string>

#include "libs/base/status_macros.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/job_watch.h"
#include "services/cli/show/proto_json.h"

namespace niwaki::cli {
namespace {

struct WatchOptions {
  std::string job;
};

absl::Status RunWatch(Session& session, const WatchOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "job"));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(session, name));
  const absl::Status tested = FollowOwnTest(session, job);
  if (session.json()) {
    session.PrintJson(MessageToJson(job));
  } else {
    session.out() << JobSummary(job) << "\n";
  }
  NIWAKI_RETURN_IF_ERROR(tested);
  return JobOutcome(job);
}

}  // namespace

void AddWatchCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* watch = AddSubcommand(app, "watch", "Follow a job to its end; Ctrl-C leaves it running",
                                  "niwaki watch my-job");
  watch->add_option("job", options->job, "The job")->required();
  SetAction(watch, session, options, RunWatch);
}

}  // namespace niwaki::cli
