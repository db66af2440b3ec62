// absl::Status ↔ grpc::Status, the only place where the two meet.
//
// On the wire an error carries google.rpc.Status in its details: an ErrorInfo with the reason,
// the domain "niwaki" and the field, value and limit as metadata, and a BadRequest where the error
// is InvalidArgument and names a field.

#ifndef NIWAKI_LIBS_RPC_STATUS_H_
#define NIWAKI_LIBS_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::rpc {

// Domain of every ErrorInfo that Niwaki sends.
inline constexpr char kErrorDomain[] = "niwaki";

// Longest message and longest value of a detail on the wire; more is cut, since errors travel in
// headers, which are limited to 8 KiB.
inline constexpr int kMaxMessageBytes = 2048;
inline constexpr int kMaxDetailBytes = 512;

// Code, message and detail. An error without detail gets the reason that `DefaultReason` names.
// Unknown becomes Internal. Bytes that are not UTF-8 become '?'.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The reverse. Never Unknown: that becomes Internal. An error that did not come from Niwaki (the
// transport, a proxy) gets a reason too: MESSAGE_TOO_LARGE where gRPC refused a message for its
// size, else `DefaultReason`.
absl::Status FromGrpcStatus(const grpc::Status& status);

// Reason of an error of which only the code is known.
absl::string_view DefaultReason(absl::StatusCode code);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_STATUS_H_
