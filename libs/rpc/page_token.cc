#include "libs/rpc/page_token.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::rpc {
namespace {

constexpr char kVersion = 1;
constexpr int kHashBytes = 8;
// Of a whole token; keys are short.
constexpr int kMaxTokenBytes = 1024;
// What an error repeats of a wrong token.
constexpr int kShownBytes = 64;
constexpr uint64_t kListSeed = 0x6e69776b6c697374;
constexpr uint64_t kChecksumSeed = 0x6e69776b70616765;

std::string HashBytes(absl::string_view text, uint64_t seed) {
  uint64_t hash = FingerprintOf(text.data(), text.size(), seed).low;
  std::string bytes;
  for (int i = 0; i < kHashBytes; ++i, hash >>= 8) bytes += static_cast<char>(hash & 0xff);
  return bytes;
}

absl::Status Invalid(absl::string_view token, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid)
      .Field("page_token")
      .Value(absl::CHexEscape(token.substr(0, kShownBytes)))
      .Limit("a next_page_token of the same list")
      .Message(absl::StrCat("page_token ", what));
}

}  // namespace

std::string MakePageToken(absl::string_view list, absl::string_view last_key) {
  std::string bytes(1, kVersion);
  absl::StrAppend(&bytes, HashBytes(list, kListSeed), last_key);
  absl::StrAppend(&bytes, HashBytes(bytes, kChecksumSeed));
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<std::string> ReadPageToken(absl::string_view list, absl::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() < 1 + 2 * kHashBytes) {
    return Invalid(token, "is not one that this service gave");
  }
  const absl::string_view all(bytes);
  const absl::string_view body = all.substr(0, all.size() - kHashBytes);
  if (all.substr(body.size()) != HashBytes(body, kChecksumSeed) || body[0] != kVersion) {
    return Invalid(token, "is not one that this service gave");
  }
  if (body.substr(1, kHashBytes) != HashBytes(list, kListSeed)) {
    return Invalid(token, "belongs to another list or filter");
  }
  return std::string(body.substr(1 + kHashBytes));
}

absl::StatusOr<int> ClampPageSize(int requested, int default_size, int max_size) {
  if (requested < 0) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("page_size")
        .Value(requested)
        .Limit("from 0")
        .Message(absl::StrCat("page_size ", requested, " is negative"));
  }
  return requested == 0 ? default_size : std::min(requested, max_size);
}

}  // namespace niwaki::rpc
