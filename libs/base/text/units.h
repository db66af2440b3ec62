// Quantities as people write and read them. 1 kB is 1024 bytes throughout Niwaki, as in the data
// sheets of boards.

#ifndef NIWAKI_LIBS_BASE_TEXT_UNITS_H_
#define NIWAKI_LIBS_BASE_TEXT_UNITS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// "63.4 kB" (1 kB = 1024 bytes), "1.20 MB", "17 B".
std::string FormatBytes(int64_t bytes);

// "12.3 ms", "850 us", "2.10 s".
std::string FormatMicros(int64_t micros);

// "1.25 M", "830 k", "12".
std::string FormatCount(int64_t count);

// "64kB", "64 KiB", "1MB", "65536", "512 B" → bytes. InvalidArgument on anything else, negative or
// beyond int64.
absl::StatusOr<int64_t> ParseBytes(absl::string_view text);

// "100ms", "1.5 s", "850us", "100000" (µs) → microseconds. InvalidArgument on anything else.
absl::StatusOr<int64_t> ParseMicros(absl::string_view text);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_UNITS_H_
