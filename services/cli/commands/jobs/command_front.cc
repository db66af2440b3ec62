// niwaki front JOB

#include <string>
#include <vector>

#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/client/coordinator_client.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/show/front_text.h"
#include "services/cli/show/job_watch.h"
#include "services/cli/show/plots/front_plot.h"
#include "services/cli/show/plots/svg_plot.h"
#include "services/program/output_check.h"

namespace niwaki::cli {
namespace {

struct FrontOptions {
  std::string job;
  std::string format;
  std::string svg_file;
  bool test = false;
};

absl::StatusOr<std::string> DrawFront(client::CoordinatorClient& coordinator, const v1::Job& job,
                                      const client::Front& front) {
  std::vector<v1::Candidate> scored;
  NIWAKI_RETURN_IF_ERROR(coordinator.ForEachCandidate(job.name(), v1::CANDIDATE_STATE_SCORED,
                                                      [&scored](const v1::Candidate& candidate) {
                                                        scored.push_back(candidate);
                                                        return true;
                                                      }));
  return RenderSvg(MakeFrontPlot(job, front.candidates, scored));
}

absl::Status RunFront(Session& session, const FrontOptions& options) {
  if (!options.svg_file.empty())
    NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--svg", options.svg_file));
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "job"));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  if (options.test) {
    NIWAKI_ASSIGN_OR_RETURN(const v1::Job test, coordinator->TestFront(name));
    NIWAKI_RETURN_IF_ERROR(FollowTest(session, test.name()));
  }
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name));
  NIWAKI_ASSIGN_OR_RETURN(const client::Front front, coordinator->GetFront(name));
  const bool as_json = session.json() && options.format.empty();
  std::string svg;
  if (!options.svg_file.empty() || options.format == "svg") {
    NIWAKI_ASSIGN_OR_RETURN(svg, DrawFront(*coordinator, job, front));
  }
  if (!options.svg_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.svg_file, svg));
  }
  if (as_json || options.format == "json") {
    session.PrintJson(FrontJson(job, front));
  } else if (options.format == "csv") {
    session.out() << FrontCsv(front);
  } else if (options.format == "svg") {
    session.out() << svg;
  } else {
    session.out() << FrontText(job, front);
  }
  return absl::OkStatus();
}

}  // namespace

void AddFrontCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<FrontOptions>();
  CLI::App* front = AddSubcommand(
      app, "front",
      "Show the Pareto front of a job, also while it runs, and what of it is proven as int8 "
      "networks and on boards",
      "niwaki front my-job --svg front.svg\n  niwaki front my-job --format csv > front.csv\n"
      "  niwaki front my-job --test");
  front->add_option("job", options->job, "The job")->required();
  front->add_option("--format", options->format, "Form of the result: table, json, csv or svg")
      ->check(CLI::IsMember({"table", "json", "csv", "svg"}));
  front->add_option("--svg", options->svg_file, "Also draw the front into this file");
  front->add_flag(
      "--test", options->test,
      "First score its networks on the test split, which no search has seen, if the job "
      "has ended; what is scored stays known");
  SetAction(front, session, options, RunFront);
}

}  // namespace niwaki::cli
