// MeasurementRef: names what is leased to boards.

#ifndef NIWAKI_LIBS_MEASURE_MEASUREMENT_REF_H_
#define NIWAKI_LIBS_MEASURE_MEASUREMENT_REF_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "libs/lease/lease_id.h"

namespace niwaki::measure {

// A measurement by its number, which is never given twice. Leases of it are "m<number>-<epoch>".
struct MeasurementRef {
  // From 1.
  int64_t uid = 0;

  static constexpr char kLeaseLetter = 'm';
  std::array<int64_t, 1> ToNumbers() const { return {uid}; }
  static std::optional<MeasurementRef> FromNumbers(const std::array<int64_t, 1>& numbers) {
    if (numbers[0] < 1) return std::nullopt;
    return MeasurementRef{numbers[0]};
  }

  friend bool operator==(const MeasurementRef& a, const MeasurementRef& b) {
    return a.uid == b.uid;
  }
  friend bool operator<(const MeasurementRef& a, const MeasurementRef& b) { return a.uid < b.uid; }
  template <typename H>
  friend H AbslHashValue(H h, const MeasurementRef& r) {
    return H::combine(std::move(h), r.uid);
  }
};

using MeasurementLeaseId = lease::LeaseId<MeasurementRef>;

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_MEASUREMENT_REF_H_
