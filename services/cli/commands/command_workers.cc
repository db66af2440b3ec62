// niwaki workers list | drain NAME [--undo]

#include <memory>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/worker_text.h"

namespace niwaki::cli {
namespace {

struct ListOptions {};

struct DrainOptions {
  std::string worker;
  bool undo = false;
};

absl::Status RunList(Session& session, const ListOptions&) {
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers, coordinator->ListWorkers());
  if (!session.json()) {
    session.out() << WorkerTable(workers, session.options().clock->Now()).ToString()
                  << TroubleNotes(workers);
    return absl::OkStatus();
  }
  Json list = Json::array();
  for (const v1::Worker& worker : workers) list.push_back(MessageToJson(worker));
  session.PrintJson(Json{{"workers", std::move(list)}});
  return absl::OkStatus();
}

absl::Status RunDrain(Session& session, const DrainOptions& options) {
  const std::string name = jobfile::InCollection("workers", options.worker);
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Worker worker, coordinator->DrainWorker(name, options.undo));
  if (session.json()) {
    session.PrintJson(MessageToJson(worker));
  } else {
    session.out() << DrainNote(worker) << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddWorkersCommand(CLI::App& app, Session& session) {
  CLI::App* workers = AddSubcommand(app, "workers", "Who scores candidates, and who is to leave",
                                    "niwaki workers list");
  workers->require_subcommand(1);

  CLI::App* list = AddSubcommand(
      *workers, "list",
      "List the workers that have called, by name.\n"
      "IDLE asks for candidates; WORKING holds some; DRAINING is to leave and still holds some;\n"
      "DRAINED is to leave and holds none: its machine may be stopped; GONE has ended, or been "
      "silent\n"
      "for a minute. SCORED, FAILED and LOST count since the coordinator started: scores that were "
      "used,\n"
      "candidates that it could not score, candidates that it vanished from or hung on.",
      "niwaki workers list\n  niwaki workers list --output json");
  SetAction(list, session, std::make_shared<ListOptions>(), RunList);

  auto options = std::make_shared<DrainOptions>();
  CLI::App* drain = AddSubcommand(
      *workers, "drain",
      "Ask a worker to leave: it finishes what it holds, is given nothing more and ends with exit\n"
      "code 0. Returns at once; 'niwaki workers list' shows DRAINED when it is done. So it stays "
      "for\n"
      "every worker of that name, also after a restart of the worker or of the coordinator, until\n"
      "--undo: a supervisor that starts the worker again sees it end at once.",
      "niwaki workers drain machine-7\n  niwaki workers drain machine-7 --undo");
  drain->add_option("worker", options->worker, "Name of the worker")->required();
  drain->add_flag("--undo", options->undo, "Give candidates to workers of that name again");
  SetAction(drain, session, options, RunDrain);
}

}  // namespace niwaki::cli
