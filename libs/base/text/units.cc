#include "libs/base/text/units.h"

#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

struct Unit {
  absl::string_view name;
  double factor;
};

// Whole numbers below this fit into 64 bits.
constexpr double kTooMuch = 9.2e18;

absl::Status BeyondRange(absl::string_view text, const Unit& unit) {
  const std::string most = absl::StrFormat("%.4g %s", kTooMuch / unit.factor, unit.name);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Value(text)
      .Limit(most)
      .Message(absl::StrCat("'", text, "' is beyond the range: at most ", most));
}

// `text` as a number and one of `units` (in any case; the first is meant where none stands),
// rounded to an integer.
absl::StatusOr<int64_t> ParseQuantity(absl::string_view text, const std::vector<Unit>& units) {
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  const size_t end = lower.find_last_of("0123456789.");
  const size_t digits = end == std::string::npos ? 0 : end + 1;
  const std::string suffix(absl::StripAsciiWhitespace(lower.substr(digits)));
  double number = 0;
  const bool numeric = digits > 0 && absl::SimpleAtod(lower.substr(0, digits), &number);
  for (const Unit& unit : units) {
    const bool meant =
        absl::EqualsIgnoreCase(suffix, unit.name) || (suffix.empty() && &unit == &units.front());
    if (!numeric || !meant) continue;
    const double value = std::round(number * unit.factor);
    if (value >= kTooMuch) return BeyondRange(text, unit);
    if (!(value >= 0)) break;
    return static_cast<int64_t>(value);
  }
  std::string known;
  for (const Unit& unit : units) absl::StrAppend(&known, known.empty() ? "" : ", ", unit.name);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Value(text)
      .Limit(known)
      .Message(absl::StrCat("'", text, "' is not a number from 0 with one of the units ", known));
}

}  // namespace

std::string FormatBytes(int64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  if (bytes < 1024 * 1024) return absl::StrFormat("%.1f kB", bytes / 1024.0);
  if (bytes < int64_t{1} << 30) return absl::StrFormat("%.2f MB", bytes / 1048576.0);
  return absl::StrFormat("%.2f GB", bytes / 1073741824.0);
}

std::string FormatMicros(int64_t micros) {
  if (micros < 1000) return absl::StrCat(micros, " us");
  if (micros < 1000000) return absl::StrFormat("%.1f ms", micros / 1e3);
  return absl::StrFormat("%.2f s", micros / 1e6);
}

std::string FormatCount(int64_t count) {
  if (count < 10000) return absl::StrCat(count);
  if (count < 1000000) return absl::StrFormat("%.1f k", count / 1e3);
  return absl::StrFormat("%.2f M", count / 1e6);
}

absl::StatusOr<int64_t> ParseBytes(absl::string_view text) {
  return ParseQuantity(text, {{"B", 1},
                              {"kB", 1024},
                              {"KiB", 1024},
                              {"MB", 1048576},
                              {"MiB", 1048576},
                              {"GB", 1073741824},
                              {"GiB", 1073741824}});
}

absl::StatusOr<int64_t> ParseMicros(absl::string_view text) {
  return ParseQuantity(text, {{"us", 1}, {"ms", 1e3}, {"s", 1e6}});
}

}  // namespace niwaki
