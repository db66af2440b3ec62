// niwaki health: whether the services answer and say that they serve, and which jobs wait.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "services/cli/cluster/cluster_file.h"
#include "services/cli/cluster/cluster_lock.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/error_report.h"
#include "services/cli/show/job_text.h"

namespace niwaki::cli {
namespace {

constexpr char kCoordinator[] = "coordinator";
constexpr char kOracle[] = "oracle";

struct HealthOptions {
  std::vector<std::string> services = {kCoordinator, kOracle};
  double timeout_s = 3;
};

absl::Status WaitForService(Session& session, const std::string& service, absl::Duration timeout) {
  if (service == kOracle) {
    NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
    return oracle->WaitUntilServing(timeout);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::shared_ptr<client::CoordinatorClient> coordinator,
                          session.Coordinator());
  const absl::Status status = coordinator->WaitUntilServing(timeout);
  // It answers, but says that it cannot work.
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  if (status.ok() || detail.field != "service") return status;
  std::string trouble;
  if (!coordinator->ListJobs(/*limit=*/1, &trouble).ok() || trouble.empty()) return status;
  return Error(absl::StatusCode::kUnavailable, reason::kServiceUnavailable)
      .Field("coordinator")
      .Message(absl::StrCat("coordinator is not serving: ", trouble));
}

// Of the children of the local cluster that ended lately.
void ReportChildren(Session& session) {
  const absl::StatusOr<Cluster> cluster = ReadClusterFile(session.data_dir());
  if (session.json() || !cluster.ok() || !ClusterLock::Holder(session.data_dir()).has_value()) {
    return;
  }
  std::vector<ClusterMember> members = cluster->workers;
  members.push_back(cluster->coordinator);
  members.push_back(cluster->oracle);
  for (const ClusterMember& member : members) {
    if (member.trouble.empty()) continue;
    session.err() << member.name << " was started again: it " << member.trouble << "\n";
  }
}

// Live jobs that wait for something, newest first, as far as the newest 200 jobs.
std::vector<v1::Job> WaitingJobs(Session& session) {
  constexpr int64_t kNewest = 200;
  std::vector<v1::Job> waiting;
  const absl::StatusOr<std::shared_ptr<client::CoordinatorClient>> coordinator =
      session.Coordinator();
  if (!coordinator.ok()) return waiting;
  absl::StatusOr<std::vector<v1::Job>> jobs = (*coordinator)->ListJobs(kNewest);
  if (!jobs.ok()) return waiting;
  for (v1::Job& job : *jobs) {
    if (!job.has_end_time() && !job.state_reason().empty()) waiting.push_back(std::move(job));
  }
  return waiting;
}

Json WaitingJson(const std::vector<v1::Job>& jobs) {
  Json list = Json::array();
  for (const v1::Job& job : jobs) {
    list.push_back(Json{{"name", job.name()}, {"state_reason", job.state_reason()}});
  }
  return list;
}

absl::Status RunHealth(Session& session, const HealthOptions& options) {
  Json services = Json::array();
  absl::Status first;
  for (const std::string& service : options.services) {
    const absl::Status status =
        session.Explain(WaitForService(session, service, absl::Seconds(options.timeout_s)));
    if (!status.ok()) {
      // Only the first is reported as the command's error.
      if (!first.ok() && !session.json()) session.err() << FormatErrorText(status);
      first.Update(status);
      continue;
    }
    services.push_back(Json{{"name", service}, {"serving", true}});
    if (!session.json()) session.out() << service << " is serving\n";
  }
  ReportChildren(session);
  NIWAKI_RETURN_IF_ERROR(first);
  const bool asked = std::find(options.services.begin(), options.services.end(), kCoordinator) !=
                     options.services.end();
  const std::vector<v1::Job> waiting = asked ? WaitingJobs(session) : std::vector<v1::Job>();
  if (session.json()) {
    session.PrintJson(
        Json{{"services", std::move(services)}, {"waiting_jobs", WaitingJson(waiting)}});
  } else {
    session.out() << StandstillNotes(waiting);
  }
  return absl::OkStatus();
}

}  // namespace

void AddHealthCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* health = AddSubcommand(
      app, "health",
      "Ask the services whether they serve, and which jobs wait for what; exit code 5 where one "
      "does not serve",
      "niwaki health\n"
      "  niwaki health coordinator --timeout 60   # waits for its start");
  health->add_option("service", options->services, "coordinator, oracle; default: both")
      ->check(CLI::IsMember({kCoordinator, kOracle}));
  health->add_option("--timeout", options->timeout_s, "Seconds to wait for each")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  SetAction(health, session, options, RunHealth);
}

}  // namespace niwaki::cli
