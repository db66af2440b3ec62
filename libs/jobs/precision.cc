#include "libs/jobs/precision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::jobs {
namespace {

// Longest value that an error repeats.
constexpr size_t kMaxShown = 100;

}  // namespace

const std::vector<std::string>& KnownPrecisions() {
  static const auto* const known = new std::vector<std::string>{kCpuF32, kCudaBf16};
  return *known;
}

absl::Status ValidatePrecision(absl::string_view precision, absl::string_view field) {
  const std::vector<std::string>& known = KnownPrecisions();
  if (std::find(known.begin(), known.end(), precision) != known.end()) return absl::OkStatus();
  const absl::string_view shown = precision.substr(0, kMaxShown);
  const std::string limit = absl::StrCat("one of ", absl::StrJoin(known, ", "));
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(shown)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", shown, "' must be ", limit));
}

std::string PrecisionOrDefault(absl::string_view precision) {
  return precision.empty() ? kDefaultPrecision : std::string(precision);
}

}  // namespace niwaki::jobs
