// RIFF WAVE files: PCM of 16 bits or float of 32 bits, one or two channels.

#ifndef NIWAKI_LIBS_DATA_AUDIO_WAV_H_
#define NIWAKI_LIBS_DATA_AUDIO_WAV_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace niwaki::data {

struct WavClip {
  int sample_rate_hz = 0;
  // In [-1, 1]; two channels are averaged.
  std::vector<float> samples;
};

// Reads one file's bytes. A data chunk whose size is that of an unfinished stream (0x7FFFF000 and
// above, as programs write that do not know the length yet) ends where the bytes end; any other
// that goes beyond them is an error. InvalidArgument with FILE_MALFORMED; `what` names the file.
// Unimplemented for other codecs.
absl::StatusOr<WavClip> ParseWav(absl::string_view bytes, absl::string_view what);

// One channel, PCM of 16 bits; samples are clamped to [-1, 1].
std::string FormatWav(absl::Span<const float> samples, int sample_rate_hz);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_WAV_H_
