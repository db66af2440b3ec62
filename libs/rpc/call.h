// One synchronous unary call with a deadline and our errors:
//
//   NIWAKI_ASSIGN_OR_RETURN(
//       v1::GetJobResponse response,
//       rpc::Call(*stub, &v1::JobService::StubInterface::GetJob, request, absl::Seconds(10)));

#ifndef NIWAKI_LIBS_RPC_CALL_H_
#define NIWAKI_LIBS_RPC_CALL_H_

#include <grpcpp/client_context.h>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/deadline.h"
#include "libs/rpc/status.h"

namespace niwaki::rpc {

// Sets the deadline of a call that is about to start; an infinite timeout leaves it without.
inline void SetTimeout(grpc::ClientContext& context, absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return;
  context.set_deadline(DeadlineAfter(timeout));
}

// Blocks until the answer is there or `timeout` has passed. `method` is a member of the generated
// Stub or StubInterface. The errors are the service's, or Unavailable and DeadlineExceeded of the
// transport.
template <typename StubType, typename Owner, typename Request, typename Response>
absl::StatusOr<Response> Call(StubType& stub,
                              grpc::Status (Owner::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                              const Request& request, absl::Duration timeout) {
  grpc::ClientContext context;
  SetTimeout(context, timeout);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_CALL_H_
