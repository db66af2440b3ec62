// Doing a call again: only where that is safe, only for so long.

#ifndef NIWAKI_LIBS_RPC_RETRY_H_
#define NIWAKI_LIBS_RPC_RETRY_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/rpc/backoff.h"

namespace niwaki::rpc {

struct RetryPolicy {
  // Calls in all, at least 1.
  int max_attempts = 5;
  // No attempt starts later than this after the first; InfiniteDuration for no limit.
  absl::Duration deadline = absl::Seconds(30);
  BackoffOptions backoff;
  // The call may be repeated although its outcome is unknown (a read, or one with a request_id):
  // DeadlineExceeded is retried too.
  bool idempotent = false;
};

// Whether `status` is worth the same call again under `policy` (libs/base/retry_class.h).
bool IsRetryable(const RetryPolicy& policy, const absl::Status& status);

// Calls `attempt` until it succeeds, fails for good or the policy ends it; returns the last status.
// Blocks between the attempts on `clock`.
absl::Status RetryLoop(const RetryPolicy& policy, Clock& clock,
                       const std::function<absl::Status()>& attempt);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_RETRY_H_
