// niwaki submit FILE

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/client/coordinator_client.h"
#include "libs/jobfile/read_job_file.h"
#include "libs/jobfile/resource_name.h"
#include "libs/jobfile/server_error.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/show/front_text.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/job_watch.h"
#include "services/cli/show/proto_json.h"

namespace niwaki::cli {
namespace {

struct SubmitOptions {
  std::string file;
  std::string job_id;
  bool validate_only = false;
  bool watch = false;
};

absl::Status PrintFront(Session& session, client::CoordinatorClient& coordinator,
                        const v1::Job& job) {
  NIWAKI_ASSIGN_OR_RETURN(const client::Front front, coordinator.GetFront(job.name()));
  session.out() << "\n" << FrontText(job, front);
  return absl::OkStatus();
}

// Follows the job and shows what it found; `json` holds what is printed in that form.
absl::Status Watch(Session& session, client::CoordinatorClient& coordinator,
                   const std::string& name, Json json) {
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, FollowJob(session, name));
  const absl::Status tested = FollowOwnTest(session, job);
  if (session.json()) {
    json["job"] = MessageToJson(job);
    session.PrintJson(json);
  } else {
    session.out() << JobSummary(job) << "\n";
    if (job.progress().front_size() > 0) {
      NIWAKI_RETURN_IF_ERROR(PrintFront(session, coordinator, job));
    }
  }
  NIWAKI_RETURN_IF_ERROR(tested);
  return JobOutcome(job);
}

absl::Status RunSubmit(Session& session, const SubmitOptions& options) {
  v1::CreateJobRequest request;
  NIWAKI_ASSIGN_OR_RETURN(const jobfile::JobFile file, jobfile::ReadJobFile(options.file));
  *request.mutable_spec() = file.spec;
  request.set_job_id(options.job_id);
  request.set_validate_only(options.validate_only);
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  const absl::StatusOr<v1::CreateJobResponse> created = coordinator->CreateJob(request);
  if (!created.ok()) {
    return jobfile::InWordsOfFile(created.status(), file.text, file.what, file.spec);
  }
  const v1::CreateJobResponse& response = *created;

  for (const std::string& note : response.notes()) session.err() << note << "\n";
  Json json = MessageToJson(response);
  std::string fit = absl::StrFormat("%.3g %% of the space's networks meet the constraints",
                                    100 * response.feasible_share());
  const std::string limits = DeviceLimitsNote(request.spec(), response.job().spec());
  if (!limits.empty()) {
    absl::StrAppend(&fit, ", ", limits, " (lift that with constraints: {sram: none, flash: none})");
  }
  if (options.validate_only) {
    if (session.json()) {
      session.PrintJson(json);
    } else {
      session.out() << options.file << " is valid; " << fit << "\n";
    }
    return absl::OkStatus();
  }
  const std::string& name = response.job().name();
  if (!session.json()) {
    session.out() << name << "\n" << std::flush;
    session.err() << fit << "\n";
    // What a watch shows by itself.
    if (!options.watch && !response.job().state_reason().empty()) {
      session.err() << "it waits: " << response.job().state_reason() << "\n";
    }
  }
  if (options.watch) return Watch(session, *coordinator, name, std::move(json));
  if (session.json()) {
    session.PrintJson(json);
  } else {
    session.err() << "follow it with: niwaki watch " << jobfile::ResourceId(name) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddSubmitCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* submit = AddSubcommand(app, "submit", "Submit a search job from a YAML or JSON file",
                                   "niwaki submit job.yaml --watch");
  submit->add_option("file", options->file, "Job file; - reads standard input")->required();
  submit->add_option("--id", options->job_id, "Id of the job; a fresh one by default");
  submit->add_flag("--validate-only", options->validate_only, "Check everything, create nothing");
  submit->add_flag("--watch", options->watch, "Follow the job and show its front");
  SetAction(submit, session, options, RunSubmit);
}

}  // namespace niwaki::cli
