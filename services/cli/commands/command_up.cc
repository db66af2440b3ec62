// niwaki up: a whole cluster on this machine.

#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/client/coordinator_client.h"
#include "services/cli/cluster/board_tools.h"
#include "services/cli/cluster/child_process.h"
#include "services/cli/cluster/cluster_file.h"
#include "services/cli/cluster/cluster_lock.h"
#include "services/cli/cluster/local_cluster.h"
#include "services/cli/cluster/log_tail.h"
#include "services/cli/cluster/sibling_binary.h"
#include "services/cli/cluster/worker_arrival.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/interrupt.h"

namespace niwaki::cli {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);

struct UpOptions {
  int workers = 2;
  int worker_threads = 0;
  // Emulated boards by comma, or "none".
  std::string boards = "m4,m7";
  std::string coordinator_listen = "127.0.0.1:0";
  std::string oracle_listen = "127.0.0.1:0";
  bool detach = false;
};

// The workers of `cluster`, which `look` brings up to date.
Arrival Await(Session& session, const Cluster& cluster, const Interrupt& interrupt,
              std::function<absl::StatusOr<Cluster>()> look) {
  // Its own coordinator, whatever the environment says.
  client::CoordinatorClient coordinator(cluster.coordinator.address, session.options().client);
  ArrivalOptions options;
  options.cluster = std::move(look);
  options.list = [&coordinator] { return coordinator.ListWorkers(); };
  options.interrupted = [&interrupt] { return interrupt.requested(); };
  options.clock = session.options().clock;
  return AwaitWorkers(options);
}

void Announce(Session& session, const Cluster& cluster, const Arrival& arrival,
              const std::string& data_dir) {
  if (session.json()) {
    Json json;
    json["data_dir"] = data_dir;
    json["pid"] = cluster.pid;
    json["coordinator"] = cluster.coordinator.address;
    json["oracle"] = cluster.oracle.address;
    json["workers"] = cluster.workers.size();
    json["workers_ready"] = arrival.arrived;
    json["boards"] = !cluster.boards.empty();
    if (!arrival.troubles.empty()) json["troubles"] = arrival.troubles;
    session.PrintJson(json);
  } else {
    session.out() << ArrivalText(arrival) << "the cluster is up in '" << data_dir << "', process "
                  << cluster.pid << "; stop it with "
                  << (cluster.pid == getpid() ? "Ctrl-C" : "niwaki down") << "\n";
  }
  session.out().flush();
}

// Boards are worth a note where they cannot be, not an error: a search goes without.
void AddBoards(Session& session, const UpOptions& options, LocalClusterOptions& cluster) {
  if (options.boards == "none") return;
  const absl::StatusOr<std::string> program =
      FindSibling(Sibling::kBoards, session.options().program_path, session.options().environment);
  const std::string tool = MissingBoardTool(session.options().environment);
  if (!program.ok() || !tool.empty()) {
    cluster.report(absl::StrCat("no emulated boards: ",
                                program.ok() ? absl::StrCat("there is no ", tool)
                                             : std::string(program.status().message())));
    return;
  }
  cluster.boards_path = *program;
  cluster.emulated_boards = absl::StrSplit(options.boards, ',', absl::SkipEmpty());
}

absl::StatusOr<LocalClusterOptions> ClusterOptions(Session& session, const UpOptions& options) {
  LocalClusterOptions cluster;
  cluster.data_dir = session.data_dir();
  cluster.workers = options.workers;
  cluster.worker_threads = options.worker_threads;
  cluster.coordinator_listen = options.coordinator_listen;
  cluster.oracle_listen = options.oracle_listen;
  cluster.clock = session.options().clock;
  const auto find = [&session](Sibling sibling) {
    return FindSibling(sibling, session.options().program_path, session.options().environment);
  };
  NIWAKI_ASSIGN_OR_RETURN(cluster.coordinator_path, find(Sibling::kCoordinator));
  NIWAKI_ASSIGN_OR_RETURN(cluster.oracle_path, find(Sibling::kOracle));
  if (options.workers > 0) {
    NIWAKI_ASSIGN_OR_RETURN(cluster.worker_path, find(Sibling::kWorker));
  }
  cluster.report = [&session](const std::string& line) {
    std::ostream& stream = session.json() ? session.err() : session.out();
    stream << line << "\n" << std::flush;
  };
  AddBoards(session, options, cluster);
  return cluster;
}

absl::Status RunInForeground(Session& session, const UpOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(LocalClusterOptions cluster_options, ClusterOptions(session, options));
  Interrupt interrupt;
  cluster_options.interrupted = [&interrupt] { return interrupt.requested(); };
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<LocalCluster> cluster,
                          LocalCluster::Start(std::move(cluster_options)));
  const Arrival arrival = Await(session, cluster->description(), interrupt, [&cluster] {
    cluster->Tick();
    return absl::StatusOr<Cluster>(cluster->description());
  });
  Announce(session, cluster->description(), arrival, session.data_dir());
  while (!interrupt.requested()) {
    cluster->Tick();
    session.options().clock->Sleep(kTick);
  }
  if (!session.json()) session.out() << "stopping the cluster\n" << std::flush;
  cluster->Stop();
  return absl::OkStatus();
}

std::vector<std::string> ForegroundArguments(Session& session, const UpOptions& options) {
  return {"up",
          "--data-dir",
          session.data_dir(),
          "--workers",
          absl::StrCat(options.workers),
          "--worker-threads",
          absl::StrCat(options.worker_threads),
          "--boards",
          options.boards,
          "--coordinator-listen",
          options.coordinator_listen,
          "--oracle-listen",
          options.oracle_listen};
}

// Runs this program once more, in the background, and waits until its cluster is up.
absl::Status RunDetached(Session& session, const UpOptions& options) {
  const std::string dir = session.data_dir();
  NIWAKI_RETURN_IF_ERROR(ClusterOptions(session, options).status());
  NIWAKI_RETURN_IF_ERROR(MakeFolders(absl::StrCat(dir, "/logs")));
  // Fails early, with the holder's name, where a cluster runs already.
  NIWAKI_RETURN_IF_ERROR(ClusterLock::Acquire(dir).status());
  ChildOptions child;
  child.path = session.options().program_path;
  child.arguments = ForegroundArguments(session, options);
  child.log_path = absl::StrCat(dir, "/logs/up.log");
  child.dies_with_parent = false;
  const int64_t log_begin = LogSize(child.log_path);
  Interrupt interrupt;
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> up, ChildProcess::Start(child));
  while (up->Running() && !interrupt.requested()) {
    const absl::StatusOr<Cluster> cluster = ReadClusterFile(dir);
    if (cluster.ok() && cluster->pid == up->pid()) {
      up->Release();
      Announce(session, *cluster,
               Await(session, *cluster, interrupt, [&dir] { return ReadClusterFile(dir); }), dir);
      return absl::OkStatus();
    }
    session.options().clock->Sleep(kTick);
  }
  if (up->Running()) return absl::CancelledError("interrupted while the cluster started");
  // What it printed as an error.
  std::string why = LastLine(child.log_path, log_begin, "niwaki: ");
  if (why.empty()) why = absl::StrCat("ended with ", up->Outcome());
  const bool port_is_taken = absl::StrContains(why, "-listen");
  return Error(port_is_taken ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kInternal,
               port_is_taken ? reason::kAddressInUse : reason::kSystemError)
      .Field("up")
      .Value(up->Outcome())
      .Message(absl::StrCat("the cluster did not start: ", why, " (see ", child.log_path, ")"));
}

absl::Status RunUp(Session& session, const UpOptions& options) {
  return options.detach ? RunDetached(session, options) : RunInForeground(session, options);
}

}  // namespace

void AddUpCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* up = AddSubcommand(app, "up", "Run a whole cluster on this machine until Ctrl-C",
                               "niwaki up --workers 2\n  niwaki up --detach --data-dir ./demo");
  up->add_option("--workers", options->workers, "Number of workers")->capture_default_str();
  up->add_option("--worker-threads", options->worker_threads,
                 "Threads of each worker; 0 shares the cores out among them")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  up->add_option(
        "--boards", options->boards,
        "Emulated boards to measure on, by comma: m3, m4, m7, m33, each with =DEVICE where "
        "its figures are a device's; or none. They need arm-none-eabi-gcc and "
        "qemu-system-arm; where these are not, the cluster goes without")
      ->capture_default_str();
  up->add_option("--coordinator-listen", options->coordinator_listen,
                 "Where the coordinator listens, host:port; port 0 takes a free one")
      ->capture_default_str();
  up->add_option("--oracle-listen", options->oracle_listen,
                 "Where the oracle listens, host:port; port 0 takes a free one")
      ->capture_default_str();
  up->add_flag("--detach", options->detach,
               "Return when the cluster is up and its workers are there, and leave it "
               "running");
  SetAction(up, session, options, RunUp);
}

}  // namespace niwaki::cli
