// Recordings as a device hears them: one file of one rate.

#ifndef NIWAKI_LIBS_DATA_AUDIO_STREAM_RECORDING_H_
#define NIWAKI_LIBS_DATA_AUDIO_STREAM_RECORDING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace niwaki::data {

struct Recording {
  // 16 bits, the mean of all channels.
  std::vector<int16_t> samples;
  // What was odd about the file; empty when nothing was.
  std::string warning;
};

// The WAV file `path`, whose rate must be `rate_hz`: nothing is resampled, for a device would not.
// InvalidArgument with FILE_MALFORMED names the rate and the one wanted, or says that there is no
// sound; the errors of ParseWav and of reading, also of files above 1 GiB.
absl::StatusOr<Recording> ReadRecording(const std::string& path, int rate_hz);

// `length` samples of a recording, as it becomes a clip of a data set: where it is loudest, or in
// the middle of silence where it is shorter.
std::vector<int16_t> ClipOf(absl::Span<const int16_t> samples, int64_t length);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_STREAM_RECORDING_H_
