#include "libs/base/text/text_file.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki {
namespace {

constexpr char kUtf8Mark[] = "\xEF\xBB\xBF";

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(what)
      .Message(absl::StrCat(what, ": ", problem));
}

}  // namespace

absl::StatusOr<std::string> TextOf(std::string bytes, absl::string_view what) {
  // UTF-32's begins as UTF-16's, or with zeros.
  if (absl::StartsWith(bytes, "\xFF\xFE") || absl::StartsWith(bytes, "\xFE\xFF")) {
    return Malformed(what, "is UTF-16 text; save it as UTF-8");
  }
  const size_t zero = bytes.find('\0');
  if (zero != std::string::npos) {
    return Malformed(what, absl::StrCat("is no text: a zero byte at ", zero,
                                        "; where an editor made it, save it as UTF-8"));
  }
  if (absl::StartsWith(bytes, kUtf8Mark)) bytes.erase(0, sizeof(kUtf8Mark) - 1);
  if (bytes.find('\r') == std::string::npos) return bytes;
  return absl::StrReplaceAll(bytes, {{"\r\n", "\n"}});
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path, int64_t max_bytes) {
  NIWAKI_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, max_bytes));
  return TextOf(std::move(bytes), path);
}

}  // namespace niwaki
