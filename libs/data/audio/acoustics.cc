#include "libs/data/audio/acoustics.h"

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"

namespace niwaki::data {
namespace {

constexpr double kTwoPi = 2 * 3.14159265358979323846;
constexpr int kBabbleVoices = 5;
constexpr double kReflectionsPerSecond = 250;

void ScaleToUnitRms(std::vector<float>& samples) {
  const float rms = Rms(samples);
  if (rms <= 0) return;
  for (float& sample : samples) sample /= rms;
}

void FillWhite(std::vector<float>& out, Random& random) {
  for (float& sample : out) sample = static_cast<float>(2 * random.UniformDouble() - 1);
}

// Voss-McCartney: rows of white noise, row k renewed every 2^k samples, summed.
void FillPink(std::vector<float>& out, Random& random) {
  constexpr int kRows = 12;
  float rows[kRows] = {};
  float sum = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const int row = std::min<int>(kRows - 1, __builtin_ctzll(i + 1));
    sum -= rows[row];
    rows[row] = static_cast<float>(2 * random.UniformDouble() - 1);
    sum += rows[row];
    out[i] = sum + static_cast<float>(2 * random.UniformDouble() - 1);
  }
}

// A leaky sum of white noise.
void FillBrown(std::vector<float>& out, Random& random) {
  float state = 0;
  for (float& sample : out) {
    state = 0.99f * state + static_cast<float>(2 * random.UniformDouble() - 1);
    sample = state;
  }
}

void FillHum(std::vector<float>& out, int sample_rate_hz, Random& random) {
  FillPink(out, random);
  ScaleToUnitRms(out);
  const double base_hz = random.Bernoulli(0.5) ? 50 : 60;
  for (int harmonic = 1; harmonic <= 6; ++harmonic) {
    const double step = kTwoPi * base_hz * harmonic / sample_rate_hz;
    const double phase = kTwoPi * random.UniformDouble();
    const double level = 3 * random.UniformDouble() / harmonic;
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] += static_cast<float>(level * std::sin(phase + step * i));
    }
  }
}

// The share of the old state that a first-order filter keeps per sample.
double Retained(double cutoff_hz, int sample_rate_hz) {
  return std::exp(-kTwoPi * cutoff_hz / sample_rate_hz);
}

}  // namespace

std::vector<float> MakeNoise(Noise kind, int64_t n, int sample_rate_hz, Random& random) {
  std::vector<float> out(n);
  switch (kind) {
    case Noise::kWhite:
      FillWhite(out, random);
      break;
    case Noise::kPink:
      FillPink(out, random);
      break;
    case Noise::kBrown:
      FillBrown(out, random);
      break;
    case Noise::kHum:
      FillHum(out, sample_rate_hz, random);
      break;
  }
  ScaleToUnitRms(out);
  return out;
}

std::vector<float> MakeBabble(const std::vector<std::vector<float>>& voices, int64_t n,
                              Random& random) {
  NIWAKI_CHECK(!voices.empty());
  std::vector<float> out(n, 0.0f);
  for (int v = 0; v < kBabbleVoices; ++v) {
    const std::vector<float>& voice = voices[random.Uniform(voices.size())];
    if (voice.empty()) continue;
    size_t at = random.Uniform(voice.size());
    const float gain = static_cast<float>(0.4 + 0.6 * random.UniformDouble());
    for (float& sample : out) {
      sample += gain * voice[at];
      if (++at == voice.size()) at = 0;
    }
  }
  ScaleToUnitRms(out);
  return out;
}

float Rms(absl::Span<const float> samples) {
  if (samples.empty()) return 0;
  double sum = 0;
  for (float sample : samples) sum += double{sample} * sample;
  return static_cast<float>(std::sqrt(sum / samples.size()));
}

float DecibelToGain(double db) { return static_cast<float>(std::pow(10.0, db / 20)); }

void Mix(absl::Span<const float> noise, float gain, absl::Span<float> samples) {
  NIWAKI_CHECK(noise.size() == samples.size());
  for (size_t i = 0; i < samples.size(); ++i) samples[i] += gain * noise[i];
}

std::vector<float> TrimSilence(absl::Span<const float> samples, int sample_rate_hz,
                               double threshold_db) {
  const size_t step = std::max(1, sample_rate_hz / 100);
  std::vector<float> levels;
  for (size_t at = 0; at < samples.size(); at += step)
    levels.push_back(Rms(samples.subspan(at, step)));
  if (levels.empty()) return {};
  const float loudest = *std::max_element(levels.begin(), levels.end());
  const float threshold = loudest * DecibelToGain(-threshold_db);
  if (loudest <= 0) return {};
  size_t first = 0;
  size_t last = levels.size() - 1;
  while (levels[first] < threshold) ++first;
  while (levels[last] < threshold) --last;
  const absl::Span<const float> kept = samples.subspan(first * step, (last - first + 1) * step);
  return std::vector<float>(kept.begin(), kept.end());
}

std::vector<float> Reverberate(absl::Span<const float> samples, int sample_rate_hz, double rt60_s,
                               double wet, Random& random) {
  const int64_t tail = std::max<int64_t>(1, static_cast<int64_t>(rt60_s * sample_rate_hz));
  std::vector<float> out(samples.begin(), samples.end());
  out.resize(samples.size() + tail, 0.0f);
  const int reflections = std::max(1, static_cast<int>(kReflectionsPerSecond * rt60_s));
  // Amplitude falls by 60 dB over the reverberation time; the energy of all reflections is wet^2.
  std::vector<double> gains(reflections);
  std::vector<int64_t> delays(reflections);
  double energy = 0;
  for (int r = 0; r < reflections; ++r) {
    const double at = (r + random.UniformDouble()) / reflections;
    delays[r] = std::min<int64_t>(tail, 1 + static_cast<int64_t>(at * tail));
    gains[r] = std::pow(10.0, -3 * at) * (random.Bernoulli(0.5) ? 1 : -1);
    energy += gains[r] * gains[r];
  }
  for (int r = 0; r < reflections; ++r) {
    const float gain = static_cast<float>(gains[r] * wet / std::sqrt(energy));
    float* to = out.data() + delays[r];
    for (size_t i = 0; i < samples.size(); ++i) to[i] += gain * samples[i];
  }
  return out;
}

void LowPass(double cutoff_hz, int sample_rate_hz, absl::Span<float> samples) {
  const float keep = static_cast<float>(Retained(cutoff_hz, sample_rate_hz));
  float state = 0;
  for (float& sample : samples) {
    state = keep * state + (1 - keep) * sample;
    sample = state;
  }
}

void HighPass(double cutoff_hz, int sample_rate_hz, absl::Span<float> samples) {
  const float keep = static_cast<float>(Retained(cutoff_hz, sample_rate_hz));
  float state = 0;
  for (float& sample : samples) {
    state = keep * state + (1 - keep) * sample;
    sample -= state;
  }
}

void Shelf(double gain_db, double pivot_hz, int sample_rate_hz, absl::Span<float> samples) {
  const float keep = static_cast<float>(Retained(pivot_hz, sample_rate_hz));
  const float gain = DecibelToGain(gain_db);
  float state = 0;
  for (float& sample : samples) {
    state = keep * state + (1 - keep) * sample;
    sample = state + gain * (sample - state);
  }
}

}  // namespace niwaki::data
