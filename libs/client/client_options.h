// What all clients share: timeouts, retries, connections.

#ifndef NIWAKI_LIBS_CLIENT_CLIENT_OPTIONS_H_
#define NIWAKI_LIBS_CLIENT_CLIENT_OPTIONS_H_

#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/retry.h"

namespace niwaki::client {

struct ClientOptions {
  // Of one attempt of a unary call.
  absl::Duration call_timeout = absl::Seconds(30);
  // Of a whole call. Every call here is a read or carries a request_id or names its content by
  // digest, so all of them are idempotent.
  rpc::RetryPolicy retry;
  rpc::ChannelOptions channel;
  // Borrowed; outlives the client.
  Clock* clock = &Clock::Real();
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_CLIENT_OPTIONS_H_
