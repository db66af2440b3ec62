// "host:port" texts and what keeps a program from listening there.

#ifndef NIWAKI_LIBS_RPC_LISTEN_ADDRESS_H_
#define NIWAKI_LIBS_RPC_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::rpc {

struct ListenAddress {
  // A name or a numeric address, without the brackets of IPv6.
  std::string host;
  // 0 to 65535.
  int port = 0;

  // "host:port", with brackets where the host is a numeric IPv6 address.
  std::string ToString() const;
};

// InvalidArgument unless `text` is "host:port".
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Binds a socket to `address` for a moment to learn why it cannot be listened on. OK where it can;
// InvalidArgument for an unknown host or one that is not this machine's; FailedPrecondition with
// reason ADDRESS_IN_USE; PermissionDenied.
absl::Status ProbeListenAddress(const ListenAddress& address);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_LISTEN_ADDRESS_H_
