// Text that people write, as their editors save it: the one place that knows of byte-order marks
// and of the line ends of other systems.

#ifndef NIWAKI_LIBS_BASE_TEXT_TEXT_FILE_H_
#define NIWAKI_LIBS_BASE_TEXT_TEXT_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// The text of `bytes`: without UTF-8's byte-order mark, lines that end in CR LF ending in LF.
// InvalidArgument with reason FILE_MALFORMED, saying what to do, for UTF-16 and UTF-32, by their
// marks, and for whatever holds a zero byte; `what` names the source.
absl::StatusOr<std::string> TextOf(std::string bytes, absl::string_view what);

// The text of a whole file. The errors of ReadFile and of TextOf.
absl::StatusOr<std::string> ReadTextFile(const std::string& path,
                                         int64_t max_bytes = int64_t{1} << 32);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_TEXT_TEXT_FILE_H_
