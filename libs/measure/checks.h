// What boards, measurements and figures may be: checks of what others say.

#ifndef NIWAKI_LIBS_MEASURE_CHECKS_H_
#define NIWAKI_LIBS_MEASURE_CHECKS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/board_service.pb.h"

namespace niwaki::measure {

// All are InvalidArgument with reason ARGUMENT_INVALID, the field, its value and the limit.

// `field` is 1 to 63 letters, digits, '-', '_', '.' and '@'.
absl::Status CheckName(absl::string_view field, absl::string_view name);

// Names, tags, digests, provenance, clock.
absl::Status CheckDescription(const v1::BoardDescription& board);

// A network or operators, of what can be asked for.
absl::Status CheckSpec(const v1::MeasurementSpec& spec);

// Whether such figures can be of such a board: that provenance, firmware, compiler and clock, a
// count above 0 and within its own interval. FailedPrecondition with reason BOARD_MISMATCH for
// another firmware, compiler or clock than registered.
absl::Status CheckResult(const v1::MeasurementResult& result, const v1::BoardDescription& board);

// Whether such figures can be of these operators: all of them, in order, with the unit of their
// provenance, each with samples and a count above 0 or without both.
absl::Status CheckMeasured(const v1::OperatorsMeasurement& wanted,
                           const v1::MeasurementResult& result);

// "boards/a" → "a".
absl::StatusOr<std::string> BoardId(absl::string_view name);

// "measurements/12" ↔ 12.
std::string MeasurementName(int64_t uid);
absl::StatusOr<int64_t> MeasurementUid(absl::string_view name);

}  // namespace niwaki::measure

#endif  // NIWAKI_LIBS_MEASURE_CHECKS_H_
