// Server: the whole coordinator in one object.

#ifndef NIWAKI_SERVICES_COORDINATOR_SERVER_H_
#define NIWAKI_SERVICES_COORDINATOR_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/proof/proof_boards.h"
#include "libs/jobs/proof/proof_driver.h"
#include "libs/jobs/proposer/cost_source.h"
#include "libs/jobs/proposer/proposer.h"
#include "libs/jobs/store/sqlite_job_store.h"
#include "libs/rpc/server.h"
#include "services/artifacts/artifact_service.h"
#include "services/coordinator/event_log.h"
#include "services/coordinator/jobs/job_feed.h"
#include "services/coordinator/jobs/job_service.h"
#include "services/coordinator/options.h"
#include "services/coordinator/supernet_service.h"
#include "services/coordinator/trouble/store_health.h"
#include "services/coordinator/worker_service.h"

namespace niwaki::coordinator {

// Thread-safe.
class Server {
 public:
  // Opens the data folder, takes up the live jobs and serves. `costs` is where costs come from and
  // `boards` where members of fronts are measured; null means the oracle at `options.oracle`.
  // Errors: FailedPrecondition DATABASE_LOCKED (another coordinator has the folder),
  // SCHEMA_TOO_NEW, ADDRESS_IN_USE; PermissionDenied for a folder that cannot be written; DataLoss
  // for a damaged database.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const Options& options, std::unique_ptr<jobs::CostSource> costs = nullptr,
      std::unique_ptr<jobs::ProofBoards> boards = nullptr);

  // As Shutdown.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "host:port" with the real port.
  const std::string& address() const { return server_->address(); }

  // Reports NOT_SERVING, answers those who wait, lets running calls end within the drain timeout,
  // commits.
  // Idempotent.
  void Shutdown();

 private:
  explicit Server(const Options& options)
      : options_(options), store_health_(feed_, *options_.clock) {}
  absl::Status StartEngine();
  absl::Status StartServing();

  const Options options_;
  // In the order of their making; destroyed in reverse.
  std::unique_ptr<jobs::CostSource> costs_;
  std::unique_ptr<jobs::SqliteJobStore> store_;
  std::unique_ptr<artifacts::ArtifactStore> artifacts_;
  std::unique_ptr<jobs::ProofBoards> boards_;
  jobs::EventStream events_;
  EventLog event_log_;
  JobFeed feed_;
  StoreHealth store_health_;
  std::unique_ptr<jobs::Proposer> proposer_;
  std::unique_ptr<jobs::ProofDriver> proofs_;
  std::unique_ptr<jobs::EngineLoop> loop_;
  std::unique_ptr<JobService> job_service_;
  std::unique_ptr<WorkerService> worker_service_;
  std::unique_ptr<artifacts::ArtifactService> artifact_service_;
  std::unique_ptr<SupernetService> supernet_service_;
  std::unique_ptr<rpc::Server> server_;
};

// The life of the process: starts, says "coordinator listening on HOST:PORT" on standard output,
// serves until SIGTERM or SIGINT. The exit code: 0, or 1 with the error on standard error.
// BlockShutdownSignals has been called.
int RunCoordinator(const Options& options);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_SERVER_H_
