// Makes a long recording to try a keyword network on: clips of words at random places in noise, and
// where each word is.

#ifndef NIWAKI_LIBS_DATA_AUDIO_STREAM_STREAM_MAKER_H_
#define NIWAKI_LIBS_DATA_AUDIO_STREAM_STREAM_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace niwaki::data {

struct StreamMakerOptions {
  // A folder of clips for each word, WAV files of `sample_rate_hz`; of the classes in `unlabelled`
  // the clips are heard and not labelled.
  std::string clips;
  std::vector<std::string> unlabelled = {"silence", "unknown"};
  int sample_rate_hz = 16000;
  // 0.1 to 600.
  double minutes = 10;
  // Of silence between clips, on average; 0.1 to 600.
  double gap_s = 2;
  // RMS of the noise throughout, in decibel of full scale; -120 to 0.
  double noise_db = -60;
  uint64_t seed = 1;
  // WAV, and text of lines SECONDS WORD: the middle of each clip whose word is labelled.
  std::string out;
  std::string labels;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

struct MadeStream {
  double seconds = 0;
  int64_t clips = 0;
  int64_t labelled = 0;
};

// Writes both files. Clips are drawn with equal chances for every class; the same options and clips
// give the same files. NotFound with FILE_UNKNOWN for a folder without a class; the errors of
// ReadRecording, also for a clip of another rate or longer than a minute.
absl::StatusOr<MadeStream> MakeStream(const StreamMakerOptions& options);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_STREAM_STREAM_MAKER_H_
