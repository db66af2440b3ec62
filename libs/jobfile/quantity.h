// Quantities of job files beside those of libs/base/text/units.h.

#ifndef NIWAKI_LIBS_JOBFILE_QUANTITY_H_
#define NIWAKI_LIBS_JOBFILE_QUANTITY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::jobfile {

// "5M", "200 k", "1.5G", "4096", "1e6" → a count; k, M and G are powers of 1000, case ignored.
// InvalidArgument on anything else, negative or beyond int64.
absl::StatusOr<int64_t> ParseCount(absl::string_view text);

// "12mJ", "0.5 J", "800uJ", "12" (mJ) → millijoules. InvalidArgument on anything else.
absl::StatusOr<double> ParseMillijoules(absl::string_view text);

}  // namespace niwaki::jobfile

#endif  // NIWAKI_LIBS_JOBFILE_QUANTITY_H_
