// Asking a server for its health (grpc.health.v1), without that protocol's generated code.

#ifndef NIWAKI_LIBS_RPC_HEALTH_H_
#define NIWAKI_LIBS_RPC_HEALTH_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace niwaki::rpc {

// OK where `service` ("" for the whole server) is SERVING. Unavailable where it is not or nothing
// answers, NotFound for an unknown service, DeadlineExceeded. Blocks up to `timeout`.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         absl::Duration timeout);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_HEALTH_H_
