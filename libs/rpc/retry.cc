#include "libs/rpc/retry.h"

#include "libs/base/random.h"
#include "libs/base/retry_class.h"

namespace niwaki::rpc {

bool IsRetryable(const RetryPolicy& policy, const absl::Status& status) {
  return MayRepeatCall(status.code(), policy.idempotent);
}

absl::Status RetryLoop(const RetryPolicy& policy, Clock& clock,
                       const std::function<absl::Status()>& attempt) {
  const absl::Time end = clock.Now() + policy.deadline;
  Backoff backoff(policy.backoff);
  for (int attempts = 1;; ++attempts) {
    absl::Status status = attempt();
    if (status.ok() || !IsRetryable(policy, status) || attempts >= policy.max_attempts) {
      return status;
    }
    const absl::Duration wait = backoff.Next();
    if (clock.Now() + wait > end) return status;
    clock.Sleep(wait);
  }
}

}  // namespace niwaki::rpc
