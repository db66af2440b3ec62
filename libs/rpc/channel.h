// Channels as every Niwaki client makes them: keepalive, size limits, no proxy.

#ifndef NIWAKI_LIBS_RPC_CHANNEL_H_
#define NIWAKI_LIBS_RPC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace niwaki::rpc {

struct ChannelOptions {
  // Of one message, either way.
  int max_message_bytes = 16 << 20;
  // Waits between attempts to connect grow from `min_reconnect_backoff` to `max_reconnect_backoff`.
  absl::Duration min_reconnect_backoff = absl::Milliseconds(100);
  absl::Duration max_reconnect_backoff = absl::Seconds(2);
  // Gives the channel connections of its own; else channels to one address with equal options
  // share them.
  bool own_connection = false;
};

// A channel to "host:port". Connects with the first call. Thread-safe. Shared because gRPC's stubs
// share it.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address,
                                           const ChannelOptions& options = ChannelOptions());

// Connects and waits until the channel is ready. Unavailable after `timeout`.
absl::Status WaitUntilConnected(grpc::Channel& channel, const std::string& address,
                                absl::Duration timeout);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_CHANNEL_H_
