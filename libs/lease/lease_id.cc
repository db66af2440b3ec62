#include "libs/lease/lease_id.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::lease {
namespace {

constexpr size_t kMaxShown = 100;

}  // namespace

std::string FormatLeaseText(char letter, absl::Span<const int64_t> numbers) {
  return absl::StrCat(absl::string_view(&letter, 1), absl::StrJoin(numbers, "-"));
}

bool ParseLeaseText(absl::string_view text, char letter, absl::Span<int64_t> numbers) {
  if (text.empty() || text[0] != letter) return false;
  const std::vector<absl::string_view> parts = absl::StrSplit(text.substr(1), '-');
  if (parts.size() != numbers.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &numbers[i])) return false;
  }
  // One text for each id: no leading zeros, no signs, no blanks.
  return FormatLeaseText(letter, numbers) == text;
}

absl::Status LeaseNeverGiven(absl::string_view text) {
  const absl::string_view shown = text.substr(0, kMaxShown);
  return Error(absl::StatusCode::kInvalidArgument, reason::kLeaseUnknown)
      .Field("lease_id")
      .Value(shown)
      .Limit("an id from the call that leases")
      .Message(absl::StrCat("lease_id '", shown, "' was never given"));
}

}  // namespace niwaki::lease
