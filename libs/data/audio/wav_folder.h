// A folder of recordings, one sub-folder per word (class_folder.h), such as Speech Commands (Warden
// 2018).

#ifndef NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_
#define NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/audio/windows.h"
#include "libs/data/example_set.h"
#include "libs/data/parallel.h"

namespace niwaki::data {

// The folder beside those of the words that holds noise.
inline constexpr char kNoiseFolder[] = "_background_noise_";

struct WavFolderOptions {
  std::string folder;
  LogMelOptions front_end;
  // What a recording longer than a clip becomes.
  Windows windows = Windows::kLoudest;
  // Whether clips of one speaker, and windows of one recording, are one group.
  bool keep_groups = true;
  // Whether the noise folder's recordings become clips of the class `noise_class`; else they are
  // passed over.
  bool use_noise = true;
  // A class of the folder with this name, or with the name `_silence_`, takes them; else it is a
  // new class, the last.
  std::string noise_class = "silence";
  // Whether splits that the folder brings are followed, and whether bad files are left out.
  bool use_splits = true;
  bool skip_bad = false;
  // Whether every class needs an example that may be trained on.
  bool for_training = true;
};

// Recordings as log-mel pictures, quantised as quantise.h says; what a file is is told by its
// content. A clip of another rate is resampled, a longer recording gives the windows asked for, a
// shorter one lies in the middle of silence. Of several windows of a recording those without any
// sound are left out, unless all are. Noise is cut into windows one after another, each made softer
// by 0 to 40 dB, since silence is seldom as loud.
//
// Files named `SPEAKER_nohash_N.wav` are grouped by speaker, windows by recording; where neither is
// there, there are no groups. The set has names, dealing, and a report that accounts for every
// file. The errors of ListClassFolder and ReadClassFolder, which names all recordings that cannot
// be read; Cancelled.
absl::StatusOr<ExampleSet> ReadWavFolder(const WavFolderOptions& options,
                                         const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_WAV_FOLDER_H_
