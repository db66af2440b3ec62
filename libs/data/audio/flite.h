// The speech synthesiser flite as a child process: few voices, but each made from recordings of a
// person, where espeak-ng's are made from formants alone.

#ifndef NIWAKI_LIBS_DATA_AUDIO_FLITE_H_
#define NIWAKI_LIBS_DATA_AUDIO_FLITE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/data/audio/wav.h"

namespace niwaki::data {

struct FliteUtterance {
  std::string text;
  // One of Flite::voices().
  std::string voice;
  // How much slower than usual, 0.5 to 2.
  double duration_stretch = 1;
  // How much higher than usual, 0.5 to 2; `rms` does not follow it.
  double pitch_shift = 1;
};

// Immutable and thread-safe; every call runs one child.
class Flite {
 public:
  // `tool` is the program's name or path. FailedPrecondition with TOOL_MISSING when it, or every
  // voice of a person that speaks ordinary text at 16 kHz, is not installed.
  static absl::StatusOr<Flite> Create(const std::string& tool);

  // The installed ones of kal16, awb, rms and slt, sorted.
  const std::vector<std::string>& voices() const { return voices_; }

  // The spoken text at 16 kHz. The same utterance gives the same samples.
  absl::StatusOr<WavClip> Speak(const FliteUtterance& utterance) const;

 private:
  explicit Flite(std::string tool) : tool_(std::move(tool)) {}

  std::string tool_;
  std::vector<std::string> voices_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_FLITE_H_
