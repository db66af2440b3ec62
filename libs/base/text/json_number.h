// Whole numbers of JSON documents. The library's own get<int>() cuts fractions off, wraps what does
// not fit, and for a huge floating-point number does what C++ does not define.

#ifndef NIWAKI_LIBS_BASE_TEXT_JSON_NUMBER_H_
#define NIWAKI_LIBS_BASE_TEXT_JSON_NUMBER_H_

#include <cstdint>
#include <limits>
#include <type_traits>

#include "libs/base/json.h"

namespace niwaki {

// The value of `json`. Throws Json::exception, as the library does for a wrong type, for anything
// but a whole number that T holds.
template <typename T>
T Integer(const Json& json) {
  static_assert(std::is_integral_v<T> && !std::is_same_v<T, bool>);
  if (json.is_number_unsigned()) {
    const uint64_t value = json.template get<uint64_t>();
    if (value <= static_cast<uint64_t>(std::numeric_limits<T>::max())) return static_cast<T>(value);
  } else if (json.is_number_integer()) {
    const int64_t value = json.template get<int64_t>();
    if (std::is_signed_v<T> && value >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
        value <= 0) {
      return static_cast<T>(value);
    }
    // Non-negative numbers that a program, not the parser, has put in are of this kind as well.
    if (value >= 0 &&
        static_cast<uint64_t>(value) <= static_cast<uint64_t>(std::numeric_limits<T>::max())) {
      return static_cast<T>(value);
    }
  }
  throw Json::other_error::create(
      501, "value " + json.dump().substr(0, 40) + " is not a whole number in range", &json);
}

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_JSON_NUMBER_H_
