// Checks of numbers against the range that they must lie in, with one form of error:
//
//   NIWAKI_RETURN_IF_ERROR(CheckRange("threads", threads, 1, 256));
//   → INVALID_ARGUMENT "threads is 300; it must be 1 to 256"
//
// Field, value and limit are the error's detail (libs/base/error.h). Value and ends may be of any
// mixture of number types: integers are compared by value whatever their sign and width, and NaN
// lies in no range.

#ifndef NIWAKI_LIBS_BASE_RANGE_H_
#define NIWAKI_LIBS_BASE_RANGE_H_

#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/reason.h"

namespace niwaki {

// Which ends of a range belong to it. The limit reads "0 to 1", "above 0 and at most 1", "at least
// 0 and below 1", "above 0 and below 1".
enum class Ends { kClosed, kLowOpen, kHighOpen, kOpen };

// InvalidArgument "FIELD is VALUE; it must be LIMIT", for limits that are no range as well: "a
// power of 2", "named once". A value without characters reads "empty".
absl::Status InvalidValue(absl::string_view field, const absl::AlphaNum& value,
                          const absl::AlphaNum& limit,
                          absl::string_view reason = reason::kArgumentInvalid);

// The fewest digits that give back `value` when they are read; whole numbers without an exponent.
std::string NumberText(double value);

namespace range_internal {

template <typename A, typename B>
bool Less(A a, B b) {
  static_assert(std::is_arithmetic_v<A> && std::is_arithmetic_v<B>);
  static_assert(!std::is_same_v<A, bool> && !std::is_same_v<B, bool>);
  if constexpr (std::is_floating_point_v<A> || std::is_floating_point_v<B>) {
    return static_cast<double>(a) < static_cast<double>(b);
  } else if constexpr (std::is_signed_v<A> == std::is_signed_v<B>) {
    return a < b;
  } else if constexpr (std::is_signed_v<A>) {
    return a < 0 || static_cast<std::make_unsigned_t<A>>(a) < b;
  } else {
    return b > 0 && a < static_cast<std::make_unsigned_t<B>>(b);
  }
}

// The fewest digits that give back `value` when they are read, as a float when `single`.
std::string FloatText(double value, bool single);

// A number's text, exact: no two different numbers of a type have the same.
template <typename T>
std::string Text(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return FloatText(static_cast<double>(value), std::is_same_v<T, float>);
  } else {
    // Widens the character types, which would not be written as numbers.
    return absl::StrCat(+value);
  }
}

std::string LimitText(absl::string_view low, absl::string_view high, Ends ends);

}  // namespace range_internal

// OK when `value` lies from `low` to `high`, of which `ends` says whether they belong to the range.
template <typename V, typename L, typename H>
absl::Status CheckRange(absl::string_view field, V value, L low, H high, Ends ends,
                        absl::string_view reason = reason::kArgumentInvalid) {
  using range_internal::Less;
  using range_internal::Text;
  const bool low_open = ends == Ends::kLowOpen || ends == Ends::kOpen;
  const bool high_open = ends == Ends::kHighOpen || ends == Ends::kOpen;
  // Written so that NaN fails.
  const bool from_low = Less(low, value) || (!low_open && !Less(value, low) && value == value);
  const bool to_high = Less(value, high) || (!high_open && !Less(high, value) && value == value);
  if (from_low && to_high) return absl::OkStatus();
  return InvalidValue(field, Text(value), range_internal::LimitText(Text(low), Text(high), ends),
                      reason);
}

// As above, both ends belong to the range.
template <typename V, typename L, typename H>
absl::Status CheckRange(absl::string_view field, V value, L low, H high,
                        absl::string_view reason = reason::kArgumentInvalid) {
  return CheckRange(field, value, low, high, Ends::kClosed, reason);
}

// OK when `value` is `low` or more: "at least 2". Infinity is.
template <typename V, typename L>
absl::Status CheckAtLeast(absl::string_view field, V value, L low,
                          absl::string_view reason = reason::kArgumentInvalid) {
  // Written so that NaN fails.
  if (value == value && !range_internal::Less(value, low)) return absl::OkStatus();
  return InvalidValue(field, range_internal::Text(value),
                      absl::StrCat("at least ", range_internal::Text(low)), reason);
}

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_RANGE_H_
