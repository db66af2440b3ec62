// Comma-separated values.

#ifndef NIWAKI_LIBS_BASE_TEXT_CSV_H_
#define NIWAKI_LIBS_BASE_TEXT_CSV_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// The rows of RFC 4180 text, without blank ones. InvalidArgument with reason FILE_MALFORMED for a
// quote that is not closed or stands in the wrong place.
absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(absl::string_view text,
                                                               absl::string_view what);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_CSV_H_
