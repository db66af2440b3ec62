// Calls that wait for work at the other end, and that another thread may end.

#ifndef NIWAKI_LIBS_CLIENT_WAITING_CALLS_H_
#define NIWAKI_LIBS_CLIENT_WAITING_CALLS_H_

#include <google/protobuf/duration.pb.h>
#include <grpcpp/client_context.h>

#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/rpc/status.h"

namespace niwaki::client {

// Thread-safe.
class WaitingCalls {
 public:
  // `stopping`: the message of calls after Cancel, "the worker is stopping".
  explicit WaitingCalls(std::string stopping) : stopping_(std::move(stopping)) {}

  // `call(context, response)`, whose deadline is `wait`, as its request says it, plus `timeout` for
  // the way. Its errors; Cancelled with reason SHUTTING_DOWN at once after Cancel.
  template <typename Response, typename Call>
  absl::StatusOr<Response> Run(const google::protobuf::Duration& wait, absl::Duration timeout,
                               const Call& call) {
    grpc::ClientContext context;
    absl::Status begun = Begin(context, wait, timeout);
    if (!begun.ok()) return begun;
    Response response;
    const grpc::Status status = call(context, response);
    End(context);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }

  // Ends all that run, and every later one at once. Does not block.
  void Cancel();

 private:
  absl::Status Begin(grpc::ClientContext& context, const google::protobuf::Duration& wait,
                     absl::Duration timeout);
  void End(grpc::ClientContext& context);

  const std::string stopping_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_WAITING_CALLS_H_
