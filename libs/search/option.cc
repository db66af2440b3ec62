#include "libs/search/option.h"

#include <cmath>

#include "absl/strings/numbers.h"

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

absl::Status OutOfRange(absl::string_view field, absl::string_view value, const Range& range) {
  return InvalidValue(field, value.substr(0, kShownBytes), range.Text());
}

absl::Status CheckInRange(absl::string_view field, double value, const Range& range) {
  if (range.Contains(value)) return absl::OkStatus();
  return OutOfRange(field, NumberText(value), range);
}

absl::StatusOr<double> ParseInRange(absl::string_view field, absl::string_view text,
                                    const Range& range) {
  double value = 0;
  int64_t whole = 0;
  // A whole number may have an exponent, "1e3".
  const bool plain = range.whole && text.find_first_of("eE") == absl::string_view::npos;
  if (plain ? absl::SimpleAtoi(text, &whole) : absl::SimpleAtod(text, &value)) {
    if (plain) value = static_cast<double>(whole);
    if (range.Contains(value)) return value;
  }
  return OutOfRange(field, text, range);
}

}  // namespace niwaki::search
