#include "services/oracle/server.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/status_macros.h"
#include "libs/measure/measure_engine.h"
#include "libs/rpc/shutdown.h"
#include "libs/store/connection.h"

namespace niwaki::oracle {
namespace {

// Of one network, or of its inputs.
constexpr int64_t kMaxArtifactBytes = 256 << 20;

// "." for a file of the working folder.
std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

absl::StatusOr<std::unique_ptr<latency::LookupTable>> OpenTable(const std::string& path) {
  if (!FolderOf(path).empty()) NIWAKI_RETURN_IF_ERROR(MakeFolders(FolderOf(path)));
  store::ConnectionOptions options;
  options.exclusive_process = true;
  options.quick_check = true;
  auto table = latency::LookupTable::Open(path, options);
  if (!table.ok()) return Annotate(table.status(), absl::StrCat("database ", path));
  return table;
}

// In the database of the table, which is open and locked.
absl::StatusOr<std::unique_ptr<measure::MeasureStore>> OpenMeasurements(
    const Options& options, const measure::MeasureOptions& measure_options) {
  measure::MeasureStoreOptions store_options;
  store_options.measure = measure_options;
  store_options.clock = options.clock;
  auto store = measure::MeasureStore::Open(options.db_path, store_options);
  if (!store.ok()) return Annotate(store.status(), absl::StrCat("database ", options.db_path));
  return store;
}

measure::MeasureOptions MeasureOptionsOf(const Options& options) {
  measure::MeasureOptions measure_options;
  measure_options.lease.ttl = absl::Seconds(options.board_ttl_s);
  measure_options.registration_ttl = absl::Seconds(options.board_ttl_s);
  return measure_options;
}

}  // namespace

absl::StatusOr<std::unique_ptr<OracleServer>> OracleServer::Start(const Options& options) {
  std::unique_ptr<OracleServer> oracle(new OracleServer);
  if (!options.address_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(CheckWritable(options.address_file));
  }
  oracle->drain_timeout_ = absl::Seconds(options.drain_timeout_s);
  NIWAKI_ASSIGN_OR_RETURN(oracle->table_, OpenTable(options.db_path));
  artifacts::ArtifactStoreOptions artifact_options;
  artifact_options.max_bytes = kMaxArtifactBytes;
  NIWAKI_ASSIGN_OR_RETURN(
      oracle->artifacts_,
      artifacts::ArtifactStore::Open(absl::StrCat(FolderOf(options.db_path), "/artifacts"),
                                     artifact_options));
  NIWAKI_ASSIGN_OR_RETURN(oracle->measurements_,
                          OpenMeasurements(options, MeasureOptionsOf(options)));
  oracle->service_ = std::make_unique<OracleService>(oracle->table_.get(), options.clock);
  oracle->rows_ = std::make_unique<MeasuredRows>(oracle->measurements_.get(), oracle->table_.get());
  // What a kill left.
  NIWAKI_RETURN_IF_ERROR(oracle->rows_->Settle());
  oracle->boards_ = std::make_unique<BoardService>(
      oracle->measurements_.get(), oracle->table_.get(), oracle->artifacts_.get(),
      oracle->rows_.get(), absl::Seconds(options.board_ttl_s));
  oracle->artifact_service_ = std::make_unique<artifacts::ArtifactService>(*oracle->artifacts_);
  rpc::ServerOptions server_options;
  server_options.listen = options.listen;
  server_options.max_message_bytes = options.max_message_mb << 20;
  server_options.services = {oracle->service_.get(), oracle->boards_.get(),
                             oracle->artifact_service_.get()};
  server_options.health_probe = [table = oracle->table_.get()] { return table->Probe(); };
  server_options.reflection = options.reflection;
  NIWAKI_ASSIGN_OR_RETURN(oracle->server_, rpc::Server::Start(std::move(server_options)));
  if (!options.address_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(
        WriteFileAtomically(options.address_file, absl::StrCat(oracle->address(), "\n")));
  }
  return oracle;
}

int RunOracle(const Options& options) {
  const absl::StatusOr<std::unique_ptr<OracleServer>> server = OracleServer::Start(options);
  if (!server.ok()) {
    std::fprintf(stderr, "niwaki-oracle: %s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  std::printf("oracle listening on %s\n", (*server)->address().c_str());
  // Why not is main's to say.
  if (!FlushStandardOutput().ok()) return 1;
  rpc::WaitForShutdownSignal();
  (*server)->Shutdown();
  return 0;
}

}  // namespace niwaki::oracle
