// Option: what there is to know of a number that a user may set, in one place: its name, its range
// and what it is. Optimizers, messages, stored jobs, job files, the command line and the documents
// read it from the table beside the struct that holds the value.
//
//   struct Nsga2Options {
//     static absl::Span<const OptionOf<Nsga2Options>> Table();
//     int population = 50;   // the default stands here, and only here
//   };
//
// The name is that of the member, of the field of the message, of the key in job files and in
// stored jobs; on the command line '-' stands for '_'. Whoever takes a value checks it here, so
// that every way in refuses the same values with the same words.

#ifndef NIWAKI_LIBS_SEARCH_OPTION_H_
#define NIWAKI_LIBS_SEARCH_OPTION_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/range.h"

namespace niwaki::search {

// The values that a number may have. Stored jobs are checked, too, so a range may grow from version
// to version but never shrink.
struct Range {
  double low = 0;
  double high = 0;
  // Whether `low` itself is allowed.
  bool low_allowed = true;
  // Whole numbers only; both ends are exact, below 2^53.
  bool whole = false;

  // NaN is in no range.
  bool Contains(double value) const;
  // "2 to 10000", "above 0 and at most 1".
  std::string Limits() const;
  // "a whole number from 2 to 10000", "a number above 0 and at most 1".
  std::string Text() const;
};

constexpr Range WholeNumber(int64_t low, int64_t high) {
  return {static_cast<double>(low), static_cast<double>(high), true, true};
}
// 0 to 1.
inline constexpr Range kShare = {0, 1, true, false};
// Above 0 and at most 1.
inline constexpr Range kShareAboveZero = {0, 1, false, false};

struct Option {
  absl::string_view name;
  Range range;
  // What it is, for people: a phrase without a full stop.
  absl::string_view text;
};

// An option and the member that holds its value.
template <typename Owner>
struct OptionOf : Option {
  std::variant<int Owner::*, int64_t Owner::*, double Owner::*> member;
};

// "50", "0.25", exact.
using ::niwaki::NumberText;

// InvalidArgument with reason ARGUMENT_INVALID and field, value and limit:
// "nsga2.population is 1; it must be a whole number from 2 to 10000".
absl::Status OutOfRange(absl::string_view field, absl::string_view value, const Range& range);

// OK, or OutOfRange.
absl::Status CheckInRange(absl::string_view field, double value, const Range& range);

// The number that `text` is, or OutOfRange: "5.0" and "1e3" are no whole numbers.
absl::StatusOr<double> ParseInRange(absl::string_view field, absl::string_view text,
                                    const Range& range);

template <typename Owner>
double ValueOf(const Owner& owner, const OptionOf<Owner>& option) {
  return std::visit([&](auto member) { return static_cast<double>(owner.*member); }, option.member);
}

// Sets the option; OutOfRange, and nothing is set.
template <typename Owner>
absl::Status SetOption(Owner& owner, const OptionOf<Owner>& option, absl::string_view field,
                       double value) {
  absl::Status status = CheckInRange(field, value, option.range);
  if (!status.ok()) return status;
  std::visit(
      [&](auto member) {
        owner.*member = static_cast<std::decay_t<decltype(owner.*member)>>(value);
      },
      option.member);
  return status;
}

// OutOfRange for the first option of `table` that is, its field being `prefix` and its name.
template <typename Owner, typename Table>
absl::Status CheckOptions(const Owner& owner, const Table& table, absl::string_view prefix) {
  for (const OptionOf<Owner>& option : table) {
    absl::Status status =
        CheckInRange(absl::StrCat(prefix, option.name), ValueOf(owner, option), option.range);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_OPTION_H_
