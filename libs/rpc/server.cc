#include "libs/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/impl/server_initializer.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/deadline.h"
#include "libs/rpc/keepalive.h"
#include "libs/rpc/listen_address.h"

namespace niwaki::rpc {
namespace {

constexpr int kMinMessageBytes = 1 << 10;
constexpr int kMaxMessageBytes = 1 << 30;
constexpr char kReflectionPlugin[] = "proto_server_reflection";

// Learns the names of the services, which grpc::Service does not tell.
class NameListener : public grpc::ServerBuilderPlugin {
 public:
  explicit NameListener(std::vector<std::string>* names) : names_(names) {}

  std::string name() override { return "niwaki_service_names"; }
  void InitServer(grpc::ServerInitializer*) override {}
  void Finish(grpc::ServerInitializer* initializer) override {
    *names_ = *initializer->GetServiceList();
  }
  void ChangeArguments(const std::string&, void*) override {}

 private:
  std::vector<std::string>* const names_;
};

// Adds the listener; removes reflection, which linking its library adds to every server, where it
// is not wanted.
class PluginOption : public grpc::ServerBuilderOption {
 public:
  PluginOption(std::vector<std::string>* names, bool reflection)
      : names_(names), reflection_(reflection) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    if (!reflection_) {
      plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                    [](const std::unique_ptr<grpc::ServerBuilderPlugin>& plugin) {
                                      return plugin->name() == kReflectionPlugin;
                                    }),
                     plugins->end());
    }
    plugins->push_back(std::make_unique<NameListener>(names_));
  }

 private:
  std::vector<std::string>* const names_;
  const bool reflection_;
};

// Both settings are of the whole process and read when a server is built.
void EnablePluginsOnce() {
  static const bool enabled = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)enabled;
}

absl::Status Validate(const ServerOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("max_message_bytes", options.max_message_bytes,
                                    kMinMessageBytes, kMaxMessageBytes));
  NIWAKI_CHECK(!options.services.empty());
  NIWAKI_CHECK(options.health_period > absl::ZeroDuration());
  return absl::OkStatus();
}

void SetArguments(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  // Two servers must never share a port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kMinPingInterval)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kKeepaliveTime)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kKeepaliveTimeout)));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace

Server::Server(ServerOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  NIWAKI_RETURN_IF_ERROR(Validate(options));
  std::unique_ptr<Server> server(new Server(std::move(options)));
  NIWAKI_RETURN_IF_ERROR(server->Listen());
  return server;
}

absl::Status Server::Listen() {
  NIWAKI_ASSIGN_OR_RETURN(ListenAddress address, ParseListenAddress(options_.listen));
  // Before gRPC tries, because gRPC does not say why it fails.
  NIWAKI_RETURN_IF_ERROR(ProbeListenAddress(address));
  EnablePluginsOnce();
  grpc::ServerBuilder builder;
  builder.SetOption(std::make_unique<PluginOption>(&service_names_, options_.reflection));
  SetArguments(options_, builder);
  builder.AddListeningPort(address.ToString(), grpc::InsecureServerCredentials(), &port_);
  for (grpc::Service* service : options_.services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    // Another program was faster than the probe above, or gRPC's own limits.
    NIWAKI_RETURN_IF_ERROR(ProbeListenAddress(address));
    return Error(absl::StatusCode::kInternal, reason::kSystemError)
        .Field("listen")
        .Value(options_.listen)
        .Message(absl::StrCat("cannot serve on ", options_.listen));
  }
  address.port = port_;
  address_ = address.ToString();
  SetHealth(options_.health_probe == nullptr || options_.health_probe().ok());
  if (options_.health_probe != nullptr) probe_thread_ = std::thread([this] { ProbeLoop(); });
  return absl::OkStatus();
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

void Server::SetHealth(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus("", serving);
  for (const std::string& name : service_names_) health->SetServingStatus(name, serving);
}

void Server::ProbeLoop() {
  bool serving = true;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.health_period)) return;
    }
    const absl::Status status = options_.health_probe();
    if (status.ok() != serving) {
      serving = status.ok();
      Log(serving ? Severity::kInfo : Severity::kError, "health_changed",
          {{"serving", serving ? "true" : "false"}, {"error", status.message()}});
    }
    SetHealth(serving);
  }
}

void Server::Shutdown(absl::Duration grace) {
  absl::MutexLock shutdown_lock(&shutdown_mutex_);
  if (server_ == nullptr || shut_down_) return;
  shut_down_ = true;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (probe_thread_.joinable()) probe_thread_.join();
  // Also keeps later changes of the health from having any effect.
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(DeadlineAfter(grace));
  server_->Wait();
}

}  // namespace niwaki::rpc
