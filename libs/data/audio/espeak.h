// The speech synthesiser espeak-ng as a child process.

#ifndef NIWAKI_LIBS_DATA_AUDIO_ESPEAK_H_
#define NIWAKI_LIBS_DATA_AUDIO_ESPEAK_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "libs/data/audio/wav.h"

namespace niwaki::data {

struct Utterance {
  std::string text;
  // A voice of `espeak-ng --voices`, such as `en-us`.
  std::string accent;
  // A variant of `espeak-ng --voices=variant`, such as `f2`; empty for the voice's own.
  std::string variant;
  // espeak's own scale, 0 to 99.
  int pitch = 50;
  // 80 to 450.
  int words_per_minute = 175;
};

// Immutable and thread-safe; every call runs one child.
class Espeak {
 public:
  // `tool` is the program's name or path. FailedPrecondition with TOOL_MISSING when it is not
  // installed.
  static absl::StatusOr<Espeak> Create(const std::string& tool);

  // First line of `--version` up to the data path.
  const std::string& version() const { return version_; }
  // Names of the variants that are installed. espeak-ng silently speaks with its default voice when
  // a variant is missing, so look here first.
  const std::set<std::string>& variants() const { return variants_; }
  // Names of the voices that are installed, and each one's file: espeak-ng silently drops the
  // variant of a voice whose name and file differ (`en-gb`, `gmw/en`) unless asked for by file.
  const std::map<std::string, std::string>& voices() const { return voices_; }

  // The spoken text at espeak's own rate (22,050 Hz). The same utterance gives the same samples.
  absl::StatusOr<WavClip> Speak(const Utterance& utterance) const;

  // The text in espeak's phoneme mnemonics, without stress marks and blanks: equal for words that
  // sound alike.
  absl::StatusOr<std::string> Phonemes(const std::string& text, const std::string& accent) const;

 private:
  explicit Espeak(std::string tool) : tool_(std::move(tool)) {}

  std::string tool_;
  std::string version_;
  std::set<std::string> variants_;
  std::map<std::string, std::string> voices_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_ESPEAK_H_
