#include "libs/base/range.h"

#include <stdlib.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_format.h"
#include "libs/base/error.h"

namespace niwaki {

absl::Status InvalidValue(absl::string_view field, const absl::AlphaNum& value,
                          const absl::AlphaNum& limit, absl::string_view reason) {
  return Error(absl::StatusCode::kInvalidArgument, reason)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " is ", value.Piece().empty() ? "empty" : value.Piece(),
                            "; it must be ", limit));
}

std::string NumberText(double value) { return range_internal::FloatText(value, /*single=*/false); }

namespace range_internal {

std::string FloatText(double value, bool single) {
  // Whole numbers below this are exact and read better without an exponent.
  constexpr double kLargestWhole = 1e15;
  if (std::abs(value) < kLargestWhole && value == std::floor(value)) {
    return absl::StrFormat("%.0f", value);
  }
  std::string text;
  const int most =
      single ? std::numeric_limits<float>::max_digits10 : std::numeric_limits<double>::max_digits10;
  for (int digits = 1; digits <= most; ++digits) {
    text = absl::StrFormat("%.*g", digits, value);
    const bool exact = single ? strtof(text.c_str(), nullptr) == static_cast<float>(value)
                              : strtod(text.c_str(), nullptr) == value;
    if (exact) break;
  }
  return text;
}

std::string LimitText(absl::string_view low, absl::string_view high, Ends ends) {
  if (ends == Ends::kClosed) {
    return low == high ? std::string(low) : absl::StrCat(low, " to ", high);
  }
  return absl::StrCat(ends == Ends::kHighOpen ? "at least " : "above ", low, " and ",
                      ends == Ends::kLowOpen ? "at most " : "below ", high);
}

}  // namespace range_internal
}  // namespace niwaki
