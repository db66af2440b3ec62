#include "libs/client/waiting_calls.h"

#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/rpc/call.h"

namespace niwaki::client {

absl::Status WaitingCalls::Begin(grpc::ClientContext& context,
                                 const google::protobuf::Duration& wait, absl::Duration timeout) {
  rpc::SetTimeout(context,
                  timeout + absl::Seconds(wait.seconds()) + absl::Nanoseconds(wait.nanos()));
  absl::MutexLock lock(&mutex_);
  if (cancelled_) {
    return Error(absl::StatusCode::kCancelled, reason::kShuttingDown).Message(stopping_);
  }
  running_.insert(&context);
  return absl::OkStatus();
}

void WaitingCalls::End(grpc::ClientContext& context) {
  absl::MutexLock lock(&mutex_);
  running_.erase(&context);
}

void WaitingCalls::Cancel() {
  absl::MutexLock lock(&mutex_);
  cancelled_ = true;
  // It only asks for the end.
  for (grpc::ClientContext* context : running_) context->TryCancel();
}

}  // namespace niwaki::client
