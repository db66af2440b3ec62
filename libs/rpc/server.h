// A gRPC server as every Niwaki service runs it: size limits, keepalive, health and reflection.
//
//   ServerOptions options;
//   options.listen = "127.0.0.1:0";
//   options.services = {&oracle_service};
//   options.health_probe = [&] { return database.Probe(); };
//   NIWAKI_ASSIGN_OR_RETURN(auto server, Server::Start(std::move(options)));
//   …
//   server->Shutdown(absl::Seconds(5));

#ifndef NIWAKI_LIBS_RPC_SERVER_H_
#define NIWAKI_LIBS_RPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace niwaki::rpc {

struct ServerOptions {
  // "host:port"; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // Of one message, either way, 1 KiB to 1 GiB; a larger one ends its call with
  // RESOURCE_EXHAUSTED.
  int max_message_bytes = 16 << 20;
  // Borrowed; outlive the server. At least one.
  std::vector<grpc::Service*> services;
  // Whether the process can do its work: called every `health_period` on a thread of its own.
  // Unset means always healthy.
  std::function<absl::Status()> health_probe;
  absl::Duration health_period = absl::Seconds(1);
  // Lets tools list and call the services without .proto files.
  bool reflection = true;
};

// Thread-safe.
//
// Health is grpc.health.v1 with an entry for each service and "" for all: SERVING while the probe
// succeeds, NOT_SERVING while it fails and from the beginning of the shutdown.
class Server {
 public:
  // Listens and serves. InvalidArgument for options out of range or a malformed or unknown address;
  // FailedPrecondition with reason ADDRESS_IN_USE for a taken port; PermissionDenied.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // As Shutdown with no grace.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  // "host:port" with the real port, for clients.
  const std::string& address() const { return address_; }

  // Reports NOT_SERVING, refuses new calls, waits up to `grace` for the running ones and cancels
  // what is left then. Returns when none is left. Idempotent.
  void Shutdown(absl::Duration grace);

 private:
  explicit Server(ServerOptions options);
  absl::Status Listen();
  void SetHealth(bool serving);
  void ProbeLoop();

  const ServerOptions options_;
  std::string address_;
  int port_ = 0;
  // Names of all services, for health; constant after Start.
  std::vector<std::string> service_names_;
  std::unique_ptr<grpc::Server> server_;
  std::thread probe_thread_;

  // Serialises shutdowns; taken before mutex_.
  absl::Mutex shutdown_mutex_;
  bool shut_down_ ABSL_GUARDED_BY(shutdown_mutex_) = false;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_SERVER_H_
