#include "libs/rpc/request_id.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::rpc {
namespace {

constexpr absl::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
// What an error repeats of a wrong value.
constexpr int kShownBytes = 64;

}  // namespace

bool IsUuid(absl::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == '-' ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

absl::Status ValidateRequestId(absl::string_view request_id) {
  if (request_id.empty() || IsUuid(request_id)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("request_id")
      .Value(request_id.substr(0, kShownBytes))
      .Limit(kShape)
      .Message(absl::StrCat("request_id '", request_id.substr(0, kShownBytes), "' is not a UUID"));
}

}  // namespace niwaki::rpc
