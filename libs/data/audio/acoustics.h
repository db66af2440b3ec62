// What a room and a microphone do to a voice: noise, reflections, colour, level. All random draws
// come from the caller's generator, so equal seeds give equal samples.

#ifndef NIWAKI_LIBS_DATA_AUDIO_ACOUSTICS_H_
#define NIWAKI_LIBS_DATA_AUDIO_ACOUSTICS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/base/random.h"

namespace niwaki::data {

// kHum: mains hum of 50 or 60 Hz with harmonics over a little pink noise.
enum class Noise { kWhite, kPink, kBrown, kHum };
inline constexpr int kNoiseKinds = 4;

// `n` samples of unit RMS at `sample_rate_hz`.
std::vector<float> MakeNoise(Noise kind, int64_t n, int sample_rate_hz, Random& random);

// `n` samples of unit RMS: several voices of `voices` at once, each from a random place and
// repeated. `voices` holds at least one clip that is not empty.
std::vector<float> MakeBabble(const std::vector<std::vector<float>>& voices, int64_t n,
                              Random& random);

// Root mean square; 0 for no samples.
float Rms(absl::Span<const float> samples);

// 10^(db/20).
float DecibelToGain(double db);

// samples += noise * gain; equal sizes.
void Mix(absl::Span<const float> noise, float gain, absl::Span<float> samples);

// The part between the first and the last stretch that is louder than `threshold_db` below the
// loudest 10 ms.
std::vector<float> TrimSilence(absl::Span<const float> samples, int sample_rate_hz,
                               double threshold_db);

// Adds sparse, decaying reflections (velvet noise): a small room with a reverberation time of
// `rt60_s` and a reflected part of `wet` times the direct sound. The result is longer by the tail.
std::vector<float> Reverberate(absl::Span<const float> samples, int sample_rate_hz, double rt60_s,
                               double wet, Random& random);

// First-order filters, in place; `cutoff_hz` is where they take 3 dB.
void LowPass(double cutoff_hz, int sample_rate_hz, absl::Span<float> samples);
void HighPass(double cutoff_hz, int sample_rate_hz, absl::Span<float> samples);

// Raises (or lowers, when negative) what lies above about `pivot_hz` by `gain_db`, in place.
void Shelf(double gain_db, double pivot_hz, int sample_rate_hz, absl::Span<float> samples);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_ACOUSTICS_H_
