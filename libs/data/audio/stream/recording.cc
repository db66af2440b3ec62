#include "libs/data/audio/stream/recording.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/audio/wav.h"
#include "libs/data/audio/windows.h"

namespace niwaki::data {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 30;

}  // namespace

absl::StatusOr<Recording> ReadRecording(const std::string& path, int rate_hz) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxBytes));
  NIWAKI_ASSIGN_OR_RETURN(const WavClip clip, ParseWav(bytes, path));
  if (clip.sample_rate_hz != rate_hz) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("sample_rate_hz")
        .Value(clip.sample_rate_hz)
        .Limit(rate_hz)
        .Message(absl::StrCat(path, " has ", clip.sample_rate_hz,
                              " samples a second, the network hears ", rate_hz,
                              "; convert it: ffmpeg -i IN.wav -ar ", rate_hz, " OUT.wav"));
  }
  if (clip.samples.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(path)
        .Message(absl::StrCat(path, ": holds no samples"));
  }
  return Recording{ToInt16(clip.samples), clip.warning};
}

std::vector<int16_t> ClipOf(absl::Span<const int16_t> samples, int64_t length) {
  std::vector<float> values;
  values.reserve(samples.size());
  for (const int16_t sample : samples) values.push_back(sample / 32768.0f);
  return ToInt16(CutWindow(values, LoudestWindow(values, length), length));
}

}  // namespace niwaki::data
