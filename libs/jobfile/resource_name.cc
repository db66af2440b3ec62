#include "libs/jobfile/resource_name.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobfile {

absl::StatusOr<std::string> ResourceName(absl::string_view collection, absl::string_view text,
                                         absl::string_view field) {
  constexpr size_t kMaxId = 63;
  absl::string_view id = text;
  const std::string prefix = absl::StrCat(collection, "/");
  if (absl::StartsWith(id, prefix)) id.remove_prefix(prefix.size());
  const absl::string_view named = id;
  // The job that scores the front of another one on the test split (jobs::TestJobId).
  if (collection == "jobs") absl::ConsumeSuffix(&id, ".test");
  bool valid = !id.empty() && id.size() <= kMaxId;
  for (char c : id) {
    valid = valid && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_');
  }
  if (valid) return absl::StrCat(prefix, named);
  constexpr char kLimit[] = "1 to 63 lower-case letters, digits, '-' and '_'";
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(text.substr(0, 80))
      .Limit(kLimit)
      .Message(absl::StrCat("'", text.substr(0, 80), "' is not the name of one of the ", collection,
                            ": ", kLimit));
}

std::string ResourceId(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return std::string(slash == absl::string_view::npos ? name : name.substr(slash + 1));
}

std::string InCollection(absl::string_view collection, absl::string_view text) {
  const std::string prefix = absl::StrCat(collection, "/");
  if (text.empty() || absl::StartsWith(text, prefix)) return std::string(text);
  return absl::StrCat(prefix, text);
}

absl::StatusOr<CandidateName> ParseCandidateName(absl::string_view text) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() == 4 && parts[0] == "jobs" && parts[2] == "candidates") {
    parts = {parts[1], parts[3]};
  }
  CandidateName name;
  name.best = parts.size() == 2 && parts[1] == "best";
  const bool has_slot =
      parts.size() == 2 && absl::SimpleAtoi(parts[1], &name.slot) && name.slot >= 0;
  if (!has_slot && !name.best) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("candidate")
        .Value(text.substr(0, 160))
        .Limit("JOB/SLOT, JOB/best")
        .Message(absl::StrCat("'", text.substr(0, 160), "' is not JOB/SLOT and not JOB/best"));
  }
  if (name.best) name.slot = 0;
  NIWAKI_ASSIGN_OR_RETURN(name.job, ResourceName("jobs", parts[0], "candidate"));
  return name;
}

}  // namespace niwaki::jobfile
