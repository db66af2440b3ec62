#include "services/cli/cluster/log_tail.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"

namespace niwaki::cli {
namespace {

// As libs/rpc/listen_address says it.
constexpr absl::string_view kPortIsTaken = "is in use by another program";

}  // namespace

int64_t LogSize(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

std::string LastLine(const std::string& path, int64_t from, absl::string_view prefix) {
  const absl::StatusOr<std::string> log = ReadFile(path);
  if (!log.ok()) return "";
  const absl::string_view all = *log;
  const std::vector<absl::string_view> lines =
      absl::StrSplit(all.substr(std::min<size_t>(from, all.size())), '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    absl::string_view text = absl::StripAsciiWhitespace(*line);
    if (!text.empty() && absl::ConsumePrefix(&text, prefix)) return std::string(text);
  }
  return "";
}

absl::Status StartError(const std::string& service, const std::string& message) {
  if (!absl::StrContains(message, kPortIsTaken)) {
    return Error(absl::StatusCode::kInternal, reason::kSystemError).Field(service).Message(message);
  }
  return Error(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse)
      .Field(service)
      .Limit("a free port")
      .Message(absl::StrCat(message, "; give another one with --", service,
                            "-listen, or leave that out to get a free one"));
}

}  // namespace niwaki::cli
