// Pages of lists: opaque tokens that say where the next page begins, and page sizes within limits.
//
// A token holds the last key of a page and a hash of everything else that shaped the list, so that
// a token of another list is refused. It guards against mistakes, not against forgers: a key that a
// client may not see must not be in it. Layout before base64url (RFC 4648 §5, no padding):
//
//   byte 0         version, 1
//   bytes 1..8     hash of `list`, little-endian
//   bytes 9..n-9   the last key
//   bytes n-8..n   checksum of all before it, little-endian

#ifndef NIWAKI_LIBS_RPC_PAGE_TOKEN_H_
#define NIWAKI_LIBS_RPC_PAGE_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::rpc {

// `list` names the list with its filters: "ListCandidates/jobs/a/SCORED". `last_key` is what the
// next page starts after.
std::string MakePageToken(absl::string_view list, absl::string_view last_key);

// The last key in a token of the same list, "" for the first page (an empty token). InvalidArgument
// with reason PAGE_TOKEN_INVALID for a token that was made up, damaged or given by another list.
absl::StatusOr<std::string> ReadPageToken(absl::string_view list, absl::string_view token);

// The page size to use: `default_size` for 0, at most `max_size`. InvalidArgument naming
// `page_size` for a negative one.
absl::StatusOr<int> ClampPageSize(int requested, int default_size, int max_size);

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_PAGE_TOKEN_H_
