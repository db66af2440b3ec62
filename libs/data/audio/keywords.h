// Makes a keyword-spotting data set out of nothing: words spoken by espeak-ng in many voices and
// many rooms.
//
// Classes are the words in the order given, then `silence` and `unknown` (other words). Each word
// is spoken by speakers drawn for a split; each utterance is recorded `takes` times under other
// conditions (clip_studio.h). Part of the training utterances may be left to flite, whose voices
// are made from recordings of people. The same options and the same synthesisers give the same
// file, whatever the number of threads.

#ifndef NIWAKI_LIBS_DATA_AUDIO_KEYWORDS_H_
#define NIWAKI_LIBS_DATA_AUDIO_KEYWORDS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/data/audio/clip_studio.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

struct KeywordOptions {
  std::string name = "keywords";
  // 1 to 200 words, see CheckWord; none twice, none that sounds like another.
  std::vector<std::string> words = {"yes",   "no", "up",  "down", "left",
                                    "right", "on", "off", "stop", "go"};
  // Other words for the class `unknown`; those that sound like a keyword are left out.
  std::vector<std::string> unknown_words = DefaultUnknownWords();
  // Voices of espeak-ng.
  std::vector<std::string> accents = {"en-us",          "en-us-nyc",  "en-gb",
                                      "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan",
                                      "en-gb-x-gbcwmd", "en-029"};
  // Clips of every class over all splits, 10 to 100,000.
  int clips_per_word = 500;
  // Parts of the clips, and of the voices, per split; positive.
  std::array<double, kSplitCount> shares = {0.66, 0.08, 0.12, 0.14};
  // Recordings made of one utterance, 1 to 50; for train only, the other splits hear every
  // utterance once.
  int takes = 3;
  uint64_t seed = 1;
  LogMelOptions front_end;
  ClipConditions conditions;
  std::string espeak = "espeak-ng";
  // Name or path of flite, and the part of the training utterances that it speaks, 0 to 1; with 0
  // it need not be installed. The other splits never hear its few voices.
  std::string flite = "flite";
  double flite_share = 0;
  std::string out;
  // Where to keep the first clips of every class and split as WAV files to listen to; empty for
  // none.
  std::string wav_folder;
  int wavs_per_class = 5;

  static std::vector<std::string> DefaultUnknownWords();

  // InvalidArgument with field, value and limit; of words all that are wrong are items.
  absl::Status Validate() const;
};

// A word (or a short phrase) that may be spoken and shown: 1 to 64 bytes of letters, digits,
// blanks, apostrophes, hyphens and characters beyond ASCII; begins with a letter or a digit; not
// `silence` or `unknown`. `field` names it in the error.
absl::Status CheckWord(absl::string_view word, absl::string_view field);

// Writes `options.out` atomically. Progress counts utterances and silences. InvalidArgument also
// when a word makes no sound, two sound alike, or more than a twentieth of the utterances are
// silent; several such things are the items of one error. FailedPrecondition with TOOL_MISSING
// without espeak-ng, or without flite where it has a share; Cancelled.
absl::Status GenerateKeywords(const KeywordOptions& options, const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_KEYWORDS_H_
