// RIFF WAVE files of PCM or float samples.

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
  // In [-1, 1]; the mean of all channels.
  std::vector<float> samples;
  // What was odd about a file that could be used all the same; empty when nothing was.
  std::string warning;
};

// Reads one file's bytes: RIFF, RIFX or RF64 with PCM of up to 32 bits (of up to 8 bits unsigned)
// or float of 32 or 64 bits, any number of channels, plain or extensible header. Elements beyond
// [-1, 1] are cut; when that is more than one in a thousand there is a warning.
//
// Where a recorder left the size of the sound at 0, or at that of a stream (0x7FFFF000 and above),
// the sound ends where the file does, or where chunks begin that reach to its end. A sound that is
// cut short is used as far as it goes, with a warning; so are files with other contradictions that
// do not touch the samples.
//
// InvalidArgument with FILE_MALFORMED when it is no such file, has no sample of a sound that it
// promises, or has one that is not finite; `what` names the file. Unimplemented with
// FILE_MALFORMED, and the command that converts it in the message, for other codecs and formats.
absl::StatusOr<WavClip> ParseWav(absl::string_view bytes, absl::string_view what);

// One channel, PCM of 16 bits: 32768 is 1, the nearest, what is beyond cut. What ParseWav reads of
// it is written as it was.
std::string FormatWav(absl::Span<const float> samples, int sample_rate_hz);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_WAV_H_
