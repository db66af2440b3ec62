// Unpacking .gz files within bounds.

#ifndef NIWAKI_LIBS_DATA_GZIP_H_
#define NIWAKI_LIBS_DATA_GZIP_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::data {

// Whether the bytes begin as gzip does.
bool IsGzip(absl::string_view bytes);

// The one member of `bytes` unpacked. InvalidArgument with FILE_MALFORMED when damaged, cut short
// or followed by other bytes; ResourceExhausted above `max_bytes`, before that much is written.
// `what` names the file.
absl::StatusOr<std::string> Gunzip(absl::string_view bytes, int64_t max_bytes,
                                   absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_GZIP_H_
