#include "libs/data/audio/clip_studio.h"

#include <algorithm>
#include <cmath>

#include "libs/data/audio/acoustics.h"
#include "libs/data/audio/resample.h"

namespace niwaki::data {
namespace {

constexpr double kBabbleProbability = 0.3;
constexpr double kQuietBabbleProbability = 0.2;

double Between(double low, double high, Random& random) {
  return low + (high - low) * random.UniformDouble();
}

// Draws from [low, high] so that each octave is as likely.
double BetweenLog(double low, double high, Random& random) {
  return low * std::pow(high / low, random.UniformDouble());
}

}  // namespace

std::vector<float> ClipStudio::Record(absl::Span<const float> voice, int voice_rate_hz,
                                      Random& random) const {
  const int rate = conditions_.sample_rate_hz;
  const double stretch = std::exp(Between(-1, 1, random) * std::log1p(conditions_.formant_shift));
  std::vector<float> sound = Resample(voice, stretch * rate / voice_rate_hz);
  if (random.Bernoulli(conditions_.reverb_probability)) {
    const double rt60_s = Between(0.05, conditions_.max_rt60_s, random);
    sound = Reverberate(sound, rate, rt60_s, Between(0.1, 0.8, random), random);
  }
  std::vector<float> clip = Place(sound, random);
  const double level_db = Between(conditions_.min_level_db, conditions_.max_level_db, random);
  const float rms = Rms(voice);
  const float gain = rms > 0 ? DecibelToGain(level_db) / rms : 0;
  for (float& sample : clip) sample *= gain;
  const double snr_db = Between(conditions_.min_snr_db, conditions_.max_snr_db, random);
  Mix(DrawNoise(kBabbleProbability, random), DecibelToGain(level_db - snr_db),
      absl::MakeSpan(clip));
  Finish(clip, random);
  return clip;
}

std::vector<float> ClipStudio::RecordSilence(Random& random) const {
  std::vector<float> clip = DrawNoise(kQuietBabbleProbability, random);
  const double level_db = Between(conditions_.min_silence_db, conditions_.max_silence_db, random);
  const float gain = DecibelToGain(level_db);
  for (float& sample : clip) sample *= gain;
  Finish(clip, random);
  return clip;
}

std::vector<float> ClipStudio::DrawNoise(double babble_probability, Random& random) const {
  if (!babble_.empty() && random.Bernoulli(babble_probability)) {
    return MakeBabble(babble_, conditions_.clip_samples, random);
  }
  const Noise kind = static_cast<Noise>(random.Uniform(kNoiseKinds));
  return MakeNoise(kind, conditions_.clip_samples, conditions_.sample_rate_hz, random);
}

// The word's middle goes near the clip's middle; what sticks out is cut.
std::vector<float> ClipStudio::Place(absl::Span<const float> voice, Random& random) const {
  const int64_t n = conditions_.clip_samples;
  const double shift_s = Between(-conditions_.max_shift_s, conditions_.max_shift_s, random);
  const int64_t length = voice.size();
  int64_t start = (n - length) / 2 + std::lround(shift_s * conditions_.sample_rate_hz);
  // A word that fits is not cut by the shift.
  if (length <= n) start = std::clamp<int64_t>(start, 0, n - length);
  std::vector<float> clip(n, 0.0f);
  for (int64_t i = std::max<int64_t>(0, -start); i < length && start + i < n; ++i) {
    clip[start + i] = voice[i];
  }
  return clip;
}

// The microphone: colour, its own noise, and clipping.
void ClipStudio::Finish(std::vector<float>& clip, Random& random) const {
  const int rate = conditions_.sample_rate_hz;
  const absl::Span<float> samples = absl::MakeSpan(clip);
  const double colour_db = conditions_.max_colour_db * Between(-1, 1, random);
  Shelf(colour_db, BetweenLog(600, 3000, random), rate, samples);
  if (random.Bernoulli(0.5)) HighPass(BetweenLog(60, 300, random), rate, samples);
  if (random.Bernoulli(0.3)) LowPass(BetweenLog(2500, 7000, random), rate, samples);
  const double floor_db = Between(conditions_.min_floor_db, conditions_.max_floor_db, random);
  Mix(MakeNoise(Noise::kWhite, clip.size(), rate, random), DecibelToGain(floor_db), samples);
  for (float& sample : clip) sample = std::clamp(sample, -1.0f, 1.0f);
}

}  // namespace niwaki::data
