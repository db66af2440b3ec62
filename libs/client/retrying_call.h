// A unary call with the deadline and the retries of ClientOptions.

#ifndef NIWAKI_LIBS_CLIENT_RETRYING_CALL_H_
#define NIWAKI_LIBS_CLIENT_RETRYING_CALL_H_

#include <grpcpp/client_context.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/random.h"
#include "libs/client/client_options.h"
#include "libs/rpc/call.h"
#include "libs/rpc/retry.h"

namespace niwaki::client {

// As rpc::Call, again where the error allows it. The request must be one that may be repeated.
template <typename Stub, typename Owner, typename Request, typename Response>
absl::StatusOr<Response> RetryingCall(const ClientOptions& options, Stub& stub,
                                      grpc::Status (Owner::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                                      const Request& request) {
  rpc::RetryPolicy policy = options.retry;
  policy.idempotent = true;
  absl::StatusOr<Response> response = absl::InternalError("not called");
  const absl::Status status = rpc::RetryLoop(policy, *options.clock, [&] {
    response = rpc::Call(stub, method, request, options.call_timeout);
    return response.status();
  });
  if (!status.ok()) return status;
  return response;
}

// Gives `request` a fresh request_id unless it has one: repeated attempts then count once.
template <typename Request>
Request WithRequestId(Request request) {
  if (request.request_id().empty()) request.set_request_id(NewUuid());
  return request;
}

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_RETRYING_CALL_H_
