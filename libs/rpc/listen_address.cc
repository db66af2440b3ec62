#include "libs/rpc/listen_address.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::rpc {
namespace {

constexpr char kField[] = "listen";

absl::Status Invalid(absl::string_view text, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(kField)
      .Value(text)
      .Limit("HOST:PORT")
      .Message(message);
}

// Of a name or a numeric address; the rest is for the name service to refuse.
bool IsOfHost(char c) { return absl::ascii_isgraph(c) && c != '[' && c != ']'; }

absl::Status BindError(int saved_errno, const std::string& text) {
  switch (saved_errno) {
    case EADDRINUSE:
      return Error(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse)
          .Field(kField)
          .Value(text)
          .Message(absl::StrCat("address ", text, " is in use by another program"));
    case EADDRNOTAVAIL:
      return Invalid(text, absl::StrCat("address ", text, " is not one of this machine's"));
    default:
      return ErrnoToStatus(saved_errno, absl::StrCat("listen on ", text));
  }
}

absl::Status TryBind(const addrinfo& info, const std::string& text) {
  const int fd = socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return ErrnoToStatus(errno, absl::StrCat("socket for ", text));
  // As gRPC does: connections of an earlier server that have not timed out do not count.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool bound = bind(fd, info.ai_addr, info.ai_addrlen) == 0 && listen(fd, /*backlog=*/1) == 0;
  const int saved_errno = errno;
  close(fd);
  return bound ? absl::OkStatus() : BindError(saved_errno, text);
}

}  // namespace

std::string ListenAddress::ToString() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  ListenAddress address;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(text.substr(colon + 1), &address.port)) {
    return Invalid(text, absl::StrCat("address '", text, "' is not HOST:PORT"));
  }
  if (address.port < 0 || address.port > 65535) {
    return Invalid(text, absl::StrCat("port ", address.port, " of '", text, "' not in 0 to 65535"));
  }
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || !absl::c_all_of(host, IsOfHost) ||
      (absl::StrContains(host, ':') && !bracketed)) {
    return Invalid(text, absl::StrCat("address '", text, "' is not HOST:PORT"));
  }
  address.host = std::string(host);
  return address;
}

absl::Status ProbeListenAddress(const ListenAddress& address) {
  const std::string text = address.ToString();
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return Invalid(text, absl::StrCat("host '", address.host, "': ", gai_strerror(error)));
  }
  absl::Status status = TryBind(*found, text);
  freeaddrinfo(found);
  return status;
}

}  // namespace niwaki::rpc
