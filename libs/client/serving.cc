#include "libs/client/serving.h"

#include <algorithm>
#include <limits>

#include "libs/base/error.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/health.h"
#include "libs/rpc/retry.h"

namespace niwaki::client {

absl::Status WaitUntilServing(const std::shared_ptr<grpc::Channel>& channel,
                              const std::string& address, absl::Duration timeout, Clock& clock) {
  const absl::Time end = clock.Now() + timeout;
  const auto left = [&] { return std::max(end - clock.Now(), absl::Milliseconds(1)); };
  NIWAKI_RETURN_IF_ERROR(rpc::WaitUntilConnected(*channel, address, timeout));
  rpc::RetryPolicy policy;
  policy.max_attempts = std::numeric_limits<int>::max();
  policy.deadline = left();
  policy.backoff.initial = absl::Milliseconds(20);
  policy.backoff.max = absl::Milliseconds(200);
  return Annotate(
      rpc::RetryLoop(policy, clock, [&] { return rpc::CheckHealth(channel, "", left()); }),
      address);
}

}  // namespace niwaki::client
