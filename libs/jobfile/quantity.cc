#include "libs/jobfile/quantity.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::jobfile {
namespace {

struct Unit {
  absl::string_view name;
  double factor;
};

// How much of the lower-case `text` is a number: digits with a point, and an exponent that has
// digits of its own ("5e" is none).
size_t NumberBytes(absl::string_view text) {
  const size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  if (end == 0 || end == text.size() || text[end] != 'e') return end;
  size_t digits = end + 1;
  if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
  const size_t last = std::min(text.find_first_not_of("0123456789", digits), text.size());
  return last > digits ? last : end;
}

// A decimal number from 0 and one of `units`; the one named "" is meant where none stands.
absl::StatusOr<double> ParseWithUnit(absl::string_view text, const std::vector<Unit>& units,
                                     absl::string_view limit) {
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  const size_t digits = NumberBytes(lower);
  const absl::string_view suffix =
      absl::StripLeadingAsciiWhitespace(absl::string_view(lower).substr(digits));
  double number = 0;
  if (absl::SimpleAtod(lower.substr(0, digits), &number) && std::isfinite(number)) {
    for (const Unit& unit : units) {
      if (suffix != unit.name || !std::isfinite(number * unit.factor)) continue;
      return number * unit.factor;
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Value(text.substr(0, 80))
      .Limit(limit)
      .Message(absl::StrCat("'", text.substr(0, 80), "' is not ", limit));
}

}  // namespace

absl::StatusOr<int64_t> ParseCount(absl::string_view text) {
  constexpr char kLimit[] = "a number from 0 to 9e18 with an optional k, M or G";
  NIWAKI_ASSIGN_OR_RETURN(
      const double count,
      ParseWithUnit(text, {{"", 1}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}}, kLimit));
  if (count <= 9e18) return static_cast<int64_t>(std::round(count));
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Value(text.substr(0, 80))
      .Limit(kLimit)
      .Message(absl::StrCat("'", text.substr(0, 80), "' is not ", kLimit));
}

absl::StatusOr<double> ParseMillijoules(absl::string_view text) {
  return ParseWithUnit(text, {{"", 1}, {"mj", 1}, {"j", 1e3}, {"uj", 1e-3}},
                       "a number from 0 with one of the units mJ, J, uJ");
}

}  // namespace niwaki::jobfile
