#include "libs/kernels/frontend/log_mel.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/frontend/log_mel_tables.h"
#include "libs/kernels/frontend/real_fft.h"

namespace {

constexpr double kPi = 3.14159265358979323846;

nw_log_mel_shape DefaultShape() { return {16000, 480, 512, 40, 60, 7600, -96, 0.4, -96}; }

struct FrontEnd {
  explicit FrontEnd(const nw_log_mel_shape& shape)
      : window(NW_LOG_MEL_WINDOW(shape.window_samples)),
        sine(NW_FFT_SINES(shape.fft_size)),
        edges(NW_LOG_MEL_EDGES(shape.mel_bins)),
        rise(NW_LOG_MEL_RISE(shape.fft_size)),
        scratch(shape.fft_size) {
    const nw_log_mel_memory memory = {window.data(), sine.data(), edges.data(), rise.data()};
    front_end = nw_log_mel_tables(&shape, 320, &memory);
  }

  std::vector<uint8_t> Column(const std::vector<int16_t>& samples) {
    std::vector<uint8_t> levels(front_end.mel_bins);
    nw_log_mel_column(&front_end, samples.data(), scratch.data(), levels.data());
    return levels;
  }

  std::vector<float> window, sine;
  std::vector<uint16_t> edges;
  std::vector<float> rise, scratch;
  nw_log_mel front_end;
};

// Levels by the definition, not rounded: a direct transform and the filters' formula, all in double
// precision.
std::vector<double> Exact(const nw_log_mel_shape& s, const std::vector<int16_t>& samples) {
  std::vector<double> window(s.window_samples);
  double window_sum = 0;
  for (int i = 0; i < s.window_samples; ++i) {
    window[i] = 0.5 * (1 - std::cos(2 * kPi * i / s.window_samples));
    window_sum += window[i];
  }
  std::vector<double> power(s.fft_size / 2 + 1);
  for (int k = 0; k <= s.fft_size / 2; ++k) {
    std::complex<double> sum = 0;
    for (int i = 0; i < s.window_samples; ++i) {
      sum += samples[i] / 32768.0 * window[i] * 2.0 / window_sum *
             std::polar(1.0, -2 * kPi * (k * i % s.fft_size) / s.fft_size);
    }
    power[k] = std::norm(sum);
  }
  const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
  const double low = mel(s.low_hz), step = (mel(s.high_hz) - low) / (s.mel_bins + 1);
  std::vector<double> levels;
  for (int b = 0; b < s.mel_bins; ++b) {
    const auto hz = [&](int edge) { return 700 * (std::pow(10, (low + step * edge) / 2595) - 1); };
    double sum = 0;
    for (int k = 0; k <= s.fft_size / 2; ++k) {
      const double at = static_cast<double>(k) * s.sample_rate_hz / s.fft_size;
      const double weight =
          std::min((at - hz(b)) / (hz(b + 1) - hz(b)), (hz(b + 2) - at) / (hz(b + 2) - hz(b + 1)));
      sum += std::max(0.0, weight) * power[k];
    }
    const double db = std::max(s.floor_db, 10 * std::log10(sum));
    levels.push_back(std::clamp((db - s.offset_db) / s.scale_db, 0.0, 255.0));
  }
  return levels;
}

// Noise and tones, from a whisper to full scale.
std::vector<int16_t> Sound(int kind, int size, std::mt19937_64& random) {
  std::uniform_real_distribution<double> between(-1, 1);
  const double loudness = std::pow(10.0, -4.5 * std::abs(between(random)));
  const double hz = 100 + 7000 * std::abs(between(random));
  std::vector<int16_t> samples(size);
  for (int i = 0; i < size; ++i) {
    const double tone = std::sin(2 * kPi * hz * i / 16000);
    const double value = kind == 0 ? between(random) : kind == 1 ? tone : tone * between(random);
    samples[i] = static_cast<int16_t>(std::lround(32767 * loudness * value));
  }
  return samples;
}

TEST(LogMelTest, LevelsAreThoseOfDoublePrecision) {
  constexpr uint64_t kSeed = 11;
  std::mt19937_64 random(kSeed);
  const nw_log_mel_shape shape = DefaultShape();
  FrontEnd front_end(shape);
  double worst = 0;
  for (int n = 0; n < 18; ++n) {
    const std::vector<int16_t> samples = Sound(n % 3, shape.window_samples, random);
    const std::vector<uint8_t> levels = front_end.Column(samples);
    const std::vector<double> exact = Exact(shape, samples);
    for (size_t i = 0; i < levels.size(); ++i) {
      worst = std::max(worst, std::abs(levels[i] - exact[i]) - 0.5);
    }
  }
  // Beyond the half that rounding takes; a level is 0.4 dB.
  EXPECT_LT(worst, 0.001);
  RecordProperty("worst_excess_of_level", std::to_string(worst));
}

TEST(LogMelTest, OtherShapesAreThoseOfDoublePrecisionToo) {
  constexpr uint64_t kSeed = 12;
  std::mt19937_64 random(kSeed);
  const std::vector<nw_log_mel_shape> shapes = {
      {8000, 200, 256, 20, 100, 3900, -80, 0.5, -90},
      {16000, 1024, 1024, 64, 20, 8000, -96, 0.4, -96},
      {44100, 401, 2048, 32, 0, 20000, -60, 1, -100},
      {16000, 7, 16, 2, 1000, 8000, -96, 0.4, -96},
  };
  for (const nw_log_mel_shape& shape : shapes) {
    SCOPED_TRACE(shape.fft_size);
    FrontEnd front_end(shape);
    for (int n = 0; n < 3; ++n) {
      const std::vector<int16_t> samples = Sound(n % 3, shape.window_samples, random);
      const std::vector<uint8_t> levels = front_end.Column(samples);
      const std::vector<double> exact = Exact(shape, samples);
      for (size_t i = 0; i < levels.size(); ++i) EXPECT_NEAR(levels[i], exact[i], 0.51) << i;
    }
  }
}

TEST(LogMelTest, SilenceIsTheLowestLevelAndNothingOverflows) {
  FrontEnd front_end(DefaultShape());
  EXPECT_EQ(front_end.Column(std::vector<int16_t>(480, 0)), std::vector<uint8_t>(40, 0));
  nw_log_mel_shape shape = DefaultShape();
  shape.floor_db = -50;
  EXPECT_EQ(FrontEnd(shape).Column(std::vector<int16_t>(480, 0)), std::vector<uint8_t>(40, 115));
  std::vector<int16_t> square(480);
  for (int i = 0; i < 480; ++i) square[i] = i / 8 % 2 == 0 ? -32768 : 32767;
  const std::vector<uint8_t> levels = front_end.Column(square);
  EXPECT_EQ(*std::max_element(levels.begin(), levels.end()), 247);
}

// The bytes of version 2. Boards must give them too: sensor_board_test.
TEST(LogMelTest, VersionTwoHasTheseBytes) {
  FrontEnd front_end(DefaultShape());
  uint32_t state = 1;
  uint64_t hash = 14695981039346656037u;
  for (int n = 0; n < 400; ++n) {
    std::vector<int16_t> samples(480);
    for (int16_t& sample : samples) {
      state = state * 1664525u + 1013904223u;
      sample = static_cast<int16_t>(static_cast<int32_t>(state) >> (16 + n % 14));
    }
    for (const uint8_t level : front_end.Column(samples)) {
      hash = (hash ^ level) * 1099511628211u;
    }
  }
  EXPECT_EQ(hash, UINT64_C(7552333278672551182));
}

}  // namespace
