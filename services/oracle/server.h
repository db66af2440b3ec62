// An oracle process: builds everything from Options, owns it, stops it in reverse order.

#ifndef NIWAKI_SERVICES_ORACLE_SERVER_H_
#define NIWAKI_SERVICES_ORACLE_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/artifacts/artifact_store.h"
#include "libs/latency/lookup_table.h"
#include "libs/measure/measure_store.h"
#include "libs/rpc/server.h"
#include "services/artifacts/artifact_service.h"
#include "services/oracle/board_service.h"
#include "services/oracle/measured_rows.h"
#include "services/oracle/options.h"
#include "services/oracle/oracle_service.h"

namespace niwaki::oracle {

// Thread-safe.
class OracleServer {
 public:
  // Opens the database and, beside it, the folder `artifacts`, serves, and writes the address file
  // when it is ready. The errors of latency::LookupTable::Open, measure::MeasureStore::Open and
  // rpc::Server::Start, and of the file system.
  static absl::StatusOr<std::unique_ptr<OracleServer>> Start(const Options& options);

  // "host:port" with the real port.
  const std::string& address() const { return server_->address(); }

  // Refuses new calls, waits for the running ones up to the drain timeout. Idempotent.
  void Shutdown() {
    // What waits for work is answered.
    measurements_->Stop();
    server_->Shutdown(drain_timeout_);
  }

 private:
  OracleServer() = default;

  absl::Duration drain_timeout_;
  std::unique_ptr<latency::LookupTable> table_;
  std::unique_ptr<artifacts::ArtifactStore> artifacts_;
  std::unique_ptr<measure::MeasureStore> measurements_;
  std::unique_ptr<OracleService> service_;
  std::unique_ptr<MeasuredRows> rows_;
  std::unique_ptr<BoardService> boards_;
  std::unique_ptr<artifacts::ArtifactService> artifact_service_;
  std::unique_ptr<rpc::Server> server_;
};

// Starts an oracle, prints "oracle listening on ADDRESS" and serves until a signal asks for its
// end. The exit code: 0, or 1 with the error on standard error.
int RunOracle(const Options& options);

}  // namespace niwaki::oracle

#endif  // NIWAKI_SERVICES_ORACLE_SERVER_H_
