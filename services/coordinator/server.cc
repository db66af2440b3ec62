#include "services/coordinator/server.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/log.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/status_macros.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/rpc/shutdown.h"
#include "services/coordinator/oracle_cost_source.h"
#include "services/coordinator/proof/oracle_boards.h"

namespace niwaki::coordinator {

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      std::unique_ptr<jobs::CostSource> costs,
                                                      std::unique_ptr<jobs::ProofBoards> boards) {
  std::unique_ptr<Server> server(new Server(options));
  server->costs_ =
      costs != nullptr ? std::move(costs) : std::make_unique<OracleCostSource>(options.oracle);
  NIWAKI_RETURN_IF_ERROR(MakeFolders(options.data_dir));
  NIWAKI_ASSIGN_OR_RETURN(server->store_, jobs::SqliteJobStore::Open(
                                              absl::StrCat(options.data_dir, "/coordinator.db")));
  NIWAKI_ASSIGN_OR_RETURN(server->artifacts_, artifacts::ArtifactStore::Open(
                                                  absl::StrCat(options.data_dir, "/artifacts")));
  server->boards_ = boards != nullptr
                        ? std::move(boards)
                        : std::make_unique<OracleBoards>(options.oracle, *server->artifacts_);
  NIWAKI_RETURN_IF_ERROR(server->StartEngine());
  NIWAKI_RETURN_IF_ERROR(server->StartServing());
  return server;
}

absl::Status Server::StartEngine() {
  proposer_ =
      std::make_unique<jobs::Proposer>(*store_, *costs_, *options_.clock, jobs::ProposerOptions());
  proofs_ = std::make_unique<jobs::ProofDriver>(*store_, *boards_, *options_.clock,
                                                jobs::ProofDriverOptions());
  // The log first: what others do about a change comes after its line.
  events_.Subscribe(event_log_);
  events_.Subscribe(*proposer_);
  events_.Subscribe(*proofs_);
  events_.Subscribe(feed_);
  events_.Subscribe(store_health_);
  jobs::EngineLoopOptions options;
  options.engine.lease_ttl = options_.lease_ttl;
  options.engine.max_lease = options_.max_lease;
  options.engine.max_strikes = options_.max_strikes;
  options.engine.max_failures = 3 * options_.max_strikes;
  options.engine.quantiser_version = engine::kQuantiserVersion;
  options.events = &events_;
  NIWAKI_ASSIGN_OR_RETURN(loop_, jobs::EngineLoop::Start(*store_, *options_.clock, options));
  proposer_->Start(*loop_);
  proofs_->Start(*loop_);
  return absl::OkStatus();
}

absl::Status Server::StartServing() {
  job_service_ = std::make_unique<JobService>(*loop_, *store_, *costs_, *artifacts_, feed_,
                                              *options_.clock, options_.entropy);
  worker_service_ = std::make_unique<WorkerService>(*loop_, *artifacts_, options_.lease_ttl);
  artifact_service_ = std::make_unique<artifacts::ArtifactService>(*artifacts_);
  supernet_service_ = std::make_unique<SupernetService>(*loop_, *store_, *artifacts_);
  rpc::ServerOptions options;
  options.listen = options_.listen;
  options.services = {job_service_.get(), worker_service_.get(), artifact_service_.get(),
                      supernet_service_.get()};
  options.health_probe = [this] { return store_health_.AfterProbe(loop_->Probe()); };
  NIWAKI_ASSIGN_OR_RETURN(server_, rpc::Server::Start(std::move(options)));
  return absl::OkStatus();
}

Server::~Server() { Shutdown(); }

void Server::Shutdown() {
  if (loop_ != nullptr) loop_->StopWaiting();
  feed_.Close();
  if (server_ != nullptr) server_->Shutdown(options_.drain_timeout);
  if (proposer_ != nullptr) proposer_->Stop();
  if (proofs_ != nullptr) proofs_->Stop();
  if (loop_ != nullptr) loop_->Stop();
}

int RunCoordinator(const Options& options) {
  absl::StatusOr<std::unique_ptr<Server>> server = nullptr;
  absl::Status status;
  if (!options.address_file.empty()) status = CheckWritable(options.address_file);
  if (status.ok()) {
    server = Server::Start(options);
    status = server.status();
  }
  if (status.ok() && !options.address_file.empty()) {
    status = WriteFileAtomically(options.address_file, absl::StrCat((*server)->address(), "\n"));
  }
  if (!status.ok()) {
    std::fprintf(stderr, "niwaki-coordinator: %s\n", std::string(status.message()).c_str());
    return 1;
  }
  std::printf("coordinator listening on %s\n", (*server)->address().c_str());
  // Why not is main's to say.
  if (!FlushStandardOutput().ok()) return 1;
  const int signal = rpc::WaitForShutdownSignal();
  Log(Severity::kInfo, "shutting_down", {{"signal", signal}});
  (*server)->Shutdown();
  Log(Severity::kInfo, "stopped");
  return 0;
}

}  // namespace niwaki::coordinator
