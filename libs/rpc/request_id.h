// The request_id of mutating calls: the same id with the same request gives the same answer.

#ifndef NIWAKI_LIBS_RPC_REQUEST_ID_H_
#define NIWAKI_LIBS_RPC_REQUEST_ID_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::rpc {

// Whether `text` is a UUID: 8-4-4-4-12 hexadecimal digits, either case.
bool IsUuid(absl::string_view text);

// OK for a UUID and for "" (not idempotent); InvalidArgument naming `request_id` for anything else.
absl::Status ValidateRequestId(absl::string_view request_id);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_REQUEST_ID_H_
