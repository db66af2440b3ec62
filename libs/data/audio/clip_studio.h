// From a dry voice to a clip as a microphone hears it.

#ifndef NIWAKI_LIBS_DATA_AUDIO_CLIP_STUDIO_H_
#define NIWAKI_LIBS_DATA_AUDIO_CLIP_STUDIO_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/base/random.h"

namespace niwaki::data {

// Ranges that a clip's conditions are drawn from, uniformly unless said otherwise.
struct ClipConditions {
  int sample_rate_hz = 16000;
  int clip_samples = 16000;
  // The voice is played faster or slower by up to this factor, which moves pitch and formants with
  // it.
  double formant_shift = 0.15;
  // The middle of the word lies within this distance of the middle of the clip.
  double max_shift_s = 0.25;
  double min_snr_db = 0;
  double max_snr_db = 50;
  // RMS of the word, in decibel of full scale.
  double min_level_db = -35;
  double max_level_db = -15;
  // The microphone's own noise, in decibel of full scale: what is heard between the words of people
  // who record in quiet rooms is mostly that.
  double min_floor_db = -105;
  double max_floor_db = -55;
  // RMS of a clip without a word, before the microphone.
  double min_silence_db = -80;
  double max_silence_db = -15;
  double reverb_probability = 0.5;
  double max_rt60_s = 0.35;
  double max_colour_db = 9;
};

// Immutable and thread-safe. `babble` (clips of other voices, at the clip's rate) may be empty:
// then no babble is mixed in.
class ClipStudio {
 public:
  ClipStudio(const ClipConditions& conditions, std::vector<std::vector<float>> babble)
      : conditions_(conditions), babble_(std::move(babble)) {}

  // A clip [clip_samples] with the word in it. `voice` has the rate `voice_rate_hz`.
  std::vector<float> Record(absl::Span<const float> voice, int voice_rate_hz, Random& random) const;

  // A clip in which nobody says a word: noise, hum, or distant voices.
  std::vector<float> RecordSilence(Random& random) const;

 private:
  std::vector<float> DrawNoise(double babble_probability, Random& random) const;
  std::vector<float> Place(absl::Span<const float> voice, Random& random) const;
  void Finish(std::vector<float>& clip, Random& random) const;

  const ClipConditions conditions_;
  const std::vector<std::vector<float>> babble_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_CLIP_STUDIO_H_
