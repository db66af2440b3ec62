#include "libs/base/json.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {

absl::StatusOr<Json> ParseJson(absl::string_view text, absl::string_view what) {
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(what)
        .Value(absl::StrCat("byte ", error.byte))
        .Message(absl::StrCat(what, ": not JSON: ", error.what()));
  }
}

}  // namespace niwaki
