#include "libs/rpc/health.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"

namespace niwaki::rpc {
namespace {

constexpr char kCheckMethod[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse.ServingStatus.SERVING.
constexpr int kServing = 1;

}  // namespace

absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         absl::Duration timeout) {
  // HealthCheckRequest is {string service = 1} and HealthCheckResponse {ServingStatus status = 1}:
  // on the wire the same as these two.
  using HealthStub =
      grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value>;
  google::protobuf::StringValue request;
  request.set_value(service);
  google::protobuf::Int32Value response;
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  grpc::Status status;
  absl::Notification done;
  HealthStub(channel).UnaryCall(&context, kCheckMethod, grpc::StubOptions(), &request, &response,
                                [&status, &done](grpc::Status result) {
                                  status = std::move(result);
                                  done.Notify();
                                });
  done.WaitForNotification();
  if (!status.ok()) return FromGrpcStatus(status);
  if (response.value() == kServing) return absl::OkStatus();
  return Error(absl::StatusCode::kUnavailable, reason::kServiceUnavailable)
      .Field("service")
      .Value(service)
      .Message(absl::StrCat("service '", service, "' is not serving"));
}

}  // namespace niwaki::rpc
