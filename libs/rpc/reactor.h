// Short forms for services written with gRPC's callback API.

#ifndef NIWAKI_LIBS_RPC_REACTOR_H_
#define NIWAKI_LIBS_RPC_REACTOR_H_

#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "libs/rpc/status.h"

namespace niwaki::rpc {

// Ends a unary call whose response is complete:
//
//   return rpc::FinishUnary(context, Answer(*request, *response));
inline grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context,
                                             const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_REACTOR_H_
