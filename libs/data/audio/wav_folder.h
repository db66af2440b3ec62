// A folder of recordings, one sub-folder per word, such as Speech Commands (Warden 2018).

#ifndef NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_
#define NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/example_set.h"
#include "libs/data/parallel.h"

namespace niwaki::data {

struct WavFolderOptions {
  std::string folder;
  LogMelOptions front_end;
};

// Files ending in .wav as log-mel pictures, quantised as quantise.h says. A clip of another rate is
// resampled; a longer one is cut around its middle, a shorter one is padded with silence. Files
// named `SPEAKER_nohash_N.wav` are grouped by speaker; when none is, there are no groups. The
// errors of ListClassFolder and ParseWav, for the first file that cannot be read; Cancelled.
absl::StatusOr<ExampleSet> ReadWavFolder(const WavFolderOptions& options,
                                         const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_
