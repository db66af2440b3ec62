// How both ends of a connection notice that the other is gone. Client and server must agree: a
// client that pings more often than the server's minimum is sent away with `too_many_pings`.

#ifndef NIWAKI_LIBS_RPC_KEEPALIVE_H_
#define NIWAKI_LIBS_RPC_KEEPALIVE_H_

#include "absl/time/time.h"

namespace niwaki::rpc {

// A side that has heard nothing for this long sends a ping, with or without running calls.
inline constexpr absl::Duration kKeepaliveTime = absl::Seconds(60);
// No answer to a ping within this time ends the connection.
inline constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);
// Pings that come faster than this are abuse; half of kKeepaliveTime leaves room for jitter.
inline constexpr absl::Duration kMinPingInterval = absl::Seconds(30);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_KEEPALIVE_H_
