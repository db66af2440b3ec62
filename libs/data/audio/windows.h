// Which part of a recording becomes a clip.

#ifndef NIWAKI_LIBS_DATA_AUDIO_WINDOWS_H_
#define NIWAKI_LIBS_DATA_AUDIO_WINDOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace niwaki::data {

// kLoudest: one clip a recording, where the most energy is. kAll: as many as it is long.
enum class Windows { kLoudest, kAll };

// `loudest`, `all`.
absl::string_view WindowsName(Windows windows);
// InvalidArgument for any other name.
absl::StatusOr<Windows> ParseWindows(absl::string_view name);

// First sample of the `length` samples that hold the most energy about the recording's mean, in
// steps of a hundredth of the length; where a stretch of starts is as good to 1 %, as when all of a
// short word fits, its middle. A recording that is even all through gives its middle. 0 when it is
// no longer than `length`, which is positive.
int64_t LoudestWindow(absl::Span<const float> samples, int64_t length);

// First samples of round(size / length) windows that lie evenly from the recording's first sample
// to its last; of one window that of LoudestWindow. Never none.
std::vector<int64_t> SpreadWindows(absl::Span<const float> samples, int64_t length);

// The `length` samples from `first`; a shorter recording lies in the middle of zeros.
std::vector<float> CutWindow(absl::Span<const float> samples, int64_t first, int64_t length);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_WINDOWS_H_
