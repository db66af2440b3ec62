// niwaki candidates JOB

#include <map>
#include <string>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/jobs/job_commands.h"
#include "services/cli/show/front_text.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/proto_json.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

struct CandidatesOptions {
  std::string job;
  v1::CandidateState state = v1::CANDIDATE_STATE_UNSPECIFIED;
  int64_t limit = 0;
  bool csv = false;
};

absl::Status RunCandidates(Session& session, const CandidatesOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "job"));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  std::vector<v1::Candidate> candidates;
  NIWAKI_RETURN_IF_ERROR(
      coordinator->ForEachCandidate(name, options.state, [&](const v1::Candidate& candidate) {
        candidates.push_back(candidate);
        return options.limit <= 0 || static_cast<int64_t>(candidates.size()) < options.limit;
      }));
  if (options.csv) {
    session.out() << CandidateCsv(candidates);
  } else if (session.json()) {
    Json list = Json::array();
    for (const v1::Candidate& candidate : candidates) list.push_back(MessageToJson(candidate));
    session.PrintJson(Json{{"candidates", std::move(list)}});
  } else {
    NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name));
    session.out()
        << CandidateTable(candidates, /*with_state=*/true, MetricsOf(job.spec())).ToString();
  }
  return absl::OkStatus();
}

}  // namespace

void AddCandidatesCommand(CLI::App& app, Session& session) {
  const std::map<std::string, v1::CandidateState> states = {
      {"pending", v1::CANDIDATE_STATE_PENDING},
      {"leased", v1::CANDIDATE_STATE_LEASED},
      {"scored", v1::CANDIDATE_STATE_SCORED},
      {"infeasible", v1::CANDIDATE_STATE_INFEASIBLE},
      {"failed", v1::CANDIDATE_STATE_FAILED}};
  auto options = std::make_shared<CandidatesOptions>();
  CLI::App* candidates = AddSubcommand(app, "candidates", "List the candidates of a job by slot",
                                       "niwaki candidates my-job --state scored --csv");
  candidates->add_option("job", options->job, "The job")->required();
  candidates->add_option("--state", options->state, "Only those in this state")
      ->transform(CLI::CheckedTransformer(states, CLI::ignore_case))
      ->option_text("STATE (pending, leased, scored, infeasible, failed)");
  candidates->add_option("--limit", options->limit, "At most this many; 0 for all")
      ->check(program::FromZero());
  candidates->add_flag("--csv", options->csv, "Print comma-separated values");
  SetAction(candidates, session, options, RunCandidates);
}

}  // namespace niwaki::cli
