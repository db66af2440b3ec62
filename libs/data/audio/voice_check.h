// Proof by ear that no voice is heard in two splits.

#ifndef NIWAKI_LIBS_DATA_AUDIO_VOICE_CHECK_H_
#define NIWAKI_LIBS_DATA_AUDIO_VOICE_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/data/audio/espeak.h"
#include "libs/data/audio/speakers.h"
#include "libs/data/parallel.h"

namespace niwaki::data {

// Lets every variant of `speakers` say `word` and compares the samples: espeak-ng has variants that
// are others under another name, and voices that ignore the variant. InvalidArgument when an accent
// ignores it; FailedPrecondition when two splits hold the same sound. `parallel.progress` is not
// called.
absl::Status CheckVoices(const Espeak& espeak, const Speakers& speakers,
                         const std::vector<std::string>& accents, const std::string& word,
                         const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_VOICE_CHECK_H_
