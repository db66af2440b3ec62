// niwaki health: whether the services answer and say that they serve.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"

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
  return coordinator->WaitUntilServing(timeout);
}

absl::Status RunHealth(Session& session, const HealthOptions& options) {
  Json services = Json::array();
  for (const std::string& service : options.services) {
    NIWAKI_RETURN_IF_ERROR(WaitForService(session, service, absl::Seconds(options.timeout_s)));
    services.push_back(Json{{"name", service}, {"serving", true}});
    if (!session.json()) session.out() << service << " is serving\n";
  }
  if (session.json()) session.PrintJson(Json{{"services", std::move(services)}});
  return absl::OkStatus();
}

}  // namespace

void AddHealthCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* health = AddSubcommand(
      app, "health", "Ask the services whether they serve; exit code 5 where one does not",
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
