// LeaseId: the name of one lease, unique for ever.
//
// What is leased is named by a reference type of whoever leases, a value of a few numbers that are
// never given twice. It needs equality, order, a hash, and
//
//   struct MeasurementRef {
//     int64_t uid = 0;
//     // First letter of the text form of its leases; each type has its own.
//     static constexpr char kLeaseLetter = 'm';
//     std::array<int64_t, 1> ToNumbers() const { return {uid}; }
//     // nullopt for numbers that name nothing; all numbers are 0 or more.
//     static std::optional<MeasurementRef> FromNumbers(const std::array<int64_t, 1>& numbers);
//   };

#ifndef NIWAKI_LIBS_LEASE_LEASE_ID_H_
#define NIWAKI_LIBS_LEASE_LEASE_ID_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace niwaki::lease {

// The letter and the numbers joined by '-': "l12-345-6".
std::string FormatLeaseText(char letter, absl::Span<const int64_t> numbers);

// Reads exactly what FormatLeaseText writes of as many numbers as `numbers` has, all of them 0 or
// more. False for any other text; `numbers` is then unspecified.
bool ParseLeaseText(absl::string_view text, char letter, absl::Span<int64_t> numbers);

// InvalidArgument with reason LEASE_UNKNOWN: `text` is no lease id that was ever given.
absl::Status LeaseNeverGiven(absl::string_view text);

// A lease is named by what it is for and its epoch, the how-manieth lease of that it is, from 1. So
// its id is unique for ever and needs no table to be understood long after the lease is gone. Text
// form: the letter, the numbers of the reference and the epoch.
template <typename Ref>
struct LeaseId {
  Ref ref;
  int64_t epoch = 0;

  std::string ToString() const {
    Numbers numbers = {};
    const auto own = ref.ToNumbers();
    for (size_t i = 0; i < own.size(); ++i) numbers[i] = own[i];
    numbers.back() = epoch;
    return FormatLeaseText(Ref::kLeaseLetter, numbers);
  }

  // InvalidArgument with reason LEASE_UNKNOWN for text that is not a lease id.
  static absl::StatusOr<LeaseId> Parse(absl::string_view text) {
    Numbers numbers = {};
    if (!ParseLeaseText(text, Ref::kLeaseLetter, absl::MakeSpan(numbers))) {
      return LeaseNeverGiven(text);
    }
    RefNumbers own = {};
    for (size_t i = 0; i < own.size(); ++i) own[i] = numbers[i];
    const std::optional<Ref> ref = Ref::FromNumbers(own);
    if (!ref.has_value() || numbers.back() < 1) return LeaseNeverGiven(text);
    return LeaseId{*ref, numbers.back()};
  }

  friend bool operator==(const LeaseId& a, const LeaseId& b) {
    return a.ref == b.ref && a.epoch == b.epoch;
  }

 private:
  using RefNumbers = std::decay_t<decltype(Ref().ToNumbers())>;
  using Numbers = std::array<int64_t, std::tuple_size<RefNumbers>::value + 1>;
};

}  // namespace niwaki::lease

#endif  // NIWAKI_LIBS_LEASE_LEASE_ID_H_
