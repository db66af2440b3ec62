// Files of latency table entries, CSV or JSON.
//
//   CSV: a title line and a line for each entry (RFC 4180)
//     device,signature,latency_us,spread_us,count,provenance,source
//   JSON: a list of objects with these fields
// and, of measured rows, as LookupEntry of oracle_service.proto has them:
//     form, placement, kernel_set, firmware_digest, compiler_digest, engine_version, counted,
//     counted_spread, unit, clock_hz, board, time (2026-11-30T12:00:00Z)
//
// spread_us (0), count (1) and source ("") may be absent; provenance is measured, emulated or
// predicted.

#ifndef NIWAKI_SERVICES_CLI_INPUT_LUT_FILE_H_
#define NIWAKI_SERVICES_CLI_INPUT_LUT_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {

// Text that begins with '[' is JSON. InvalidArgument with reason FILE_MALFORMED or
// ARGUMENT_INVALID names the line or the entry, the field, its value and what is allowed.
absl::StatusOr<std::vector<v1::LookupEntry>> ParseLutFile(absl::string_view text,
                                                          absl::string_view what);

// The CSV form, with the columns of measured rows where there is one.
std::string LutToCsv(const std::vector<v1::LookupEntry>& entries);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_INPUT_LUT_FILE_H_
