#include "libs/search/option.h"

#include <cmath>

#include "absl/strings/numbers.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::search {
namespace {

constexpr size_t kShownBytes = 80;

}  // namespace

bool Range::Contains(double value) const {
  if (!(low_allowed ? value >= low : value > low) || !(value <= high)) return false;
  return !whole || value == std::floor(value);
}

std::string Range::Limits() const {
  if (low_allowed) return absl::StrCat(NumberText(low), " to ", NumberText(high));
  return absl::StrCat("above ", NumberText(low), " and at most ", NumberText(high));
}

std::string Range::Text() const {
  return absl::StrCat(whole ? "a whole number " : "a number ", low_allowed ? "from " : "",
                      Limits());
}

std::string NumberText(double value) {
  // StrCat writes a million as 1e+06.
  constexpr double kExact = 9007199254740992;
  const bool whole = value == std::floor(value) && std::abs(value) <= kExact;
  return whole ? absl::StrCat(static_cast<int64_t>(value)) : absl::StrCat(value);
}

absl::Status OutOfRange(absl::string_view field, absl::string_view value, const Range& range) {
  const absl::string_view shown = value.substr(0, kShownBytes);
  const std::string text = range.Text();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(shown)
      .Limit(text)
      .Message(absl::StrCat(field, ": '", shown, "' is not ", text));
}

absl::Status CheckRange(absl::string_view field, double value, const Range& range) {
  if (range.Contains(value)) return absl::OkStatus();
  return OutOfRange(field, NumberText(value), range);
}

absl::StatusOr<double> ParseInRange(absl::string_view field, absl::string_view text,
                                    const Range& range) {
  double value = 0;
  int64_t whole = 0;
  if (range.whole ? absl::SimpleAtoi(text, &whole) : absl::SimpleAtod(text, &value)) {
    if (range.whole) value = static_cast<double>(whole);
    if (range.Contains(value)) return value;
  }
  return OutOfRange(field, text, range);
}

}  // namespace niwaki::search
