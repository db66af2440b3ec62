#include "libs/data/audio/log_mel.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<float> Sine(double hz, double amplitude) {
  std::vector<float> clip(16000);
  for (int i = 0; i < 16000; ++i) clip[i] = amplitude * std::sin(2 * kPi * hz * i / 16000);
  return clip;
}

// The same by the definition: a direct DFT, filters by their formula, all in double precision.
std::vector<double> Reference(const LogMelOptions& o, const std::vector<float>& clip) {
  std::vector<double> window(o.window_samples);
  double window_sum = 0;
  for (int i = 0; i < o.window_samples; ++i) {
    window[i] = 0.5 * (1 - std::cos(2 * kPi * i / o.window_samples));
    window_sum += window[i];
  }
  const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
  std::vector<double> out;
  for (int f = 0; f < o.Frames(); ++f) {
    std::vector<double> power(o.fft_size / 2 + 1);
    for (int k = 0; k <= o.fft_size / 2; ++k) {
      std::complex<double> sum = 0;
      for (int i = 0; i < o.window_samples; ++i) {
        sum += clip[f * o.stride_samples + i] * window[i] * 2.0 / window_sum *
               std::polar(1.0, -2 * kPi * k * i / o.fft_size);
      }
      power[k] = std::norm(sum);
    }
    const double low = mel(o.low_hz), step = (mel(o.high_hz) - low) / (o.mel_bins + 1);
    for (int b = 0; b < o.mel_bins; ++b) {
      const auto hz = [&](int edge) {
        return 700 * (std::pow(10, (low + step * edge) / 2595) - 1);
      };
      const double left = hz(b), centre = hz(b + 1), right = hz(b + 2);
      double sum = 0;
      for (int k = 0; k <= o.fft_size / 2; ++k) {
        const double at = static_cast<double>(k) * o.sample_rate_hz / o.fft_size;
        const double weight =
            std::min((at - left) / (centre - left), (right - at) / (right - centre));
        sum += std::max(0.0, weight) * power[k];
      }
      out.push_back(std::max(o.floor_db, 10 * std::log10(sum)));
    }
  }
  return out;
}

// Decibels of a clip's levels, by either version of the arithmetic.
std::vector<double> Decibels(LogMelOptions options, int version, const std::vector<float>& clip) {
  options.version = version;
  const auto log_mel = LogMel::Create(options);
  EXPECT_TRUE(log_mel.ok()) << log_mel.status();
  std::vector<uint8_t> levels(options.Frames() * options.mel_bins);
  (*log_mel)->Compute(clip, absl::MakeSpan(levels));
  std::vector<double> db;
  for (const uint8_t level : levels) db.push_back(kLogMelScale * level + kLogMelOffset);
  return db;
}

// What rounding to levels may take away.
constexpr double kHalfLevel = kLogMelScale / 2 + 0.01;

TEST(LogMelTest, DefaultsGiveFortyNineFramesByTheNewestVersion) {
  EXPECT_EQ(LogMelOptions().Frames(), 49);
  EXPECT_EQ(LogMelOptions().version, 2);
}

TEST(LogMelTest, EveryVersionEqualsTheDirectTransform) {
  constexpr uint64_t kSeed = 17;
  Random random(kSeed);
  LogMelOptions options;
  options.clip_samples = 480 + 320 * 2;
  std::vector<float> clip(options.clip_samples);
  for (float& sample : clip) sample = random.UniformDouble() - 0.5;
  const std::vector<double> expected = Reference(options, clip);
  for (const int version : {1, 2}) {
    const std::vector<double> db = Decibels(options, version, clip);
    ASSERT_EQ(db.size(), expected.size());
    for (size_t i = 0; i < db.size(); ++i) EXPECT_NEAR(db[i], expected[i], kHalfLevel) << i;
  }
}

TEST(LogMelTest, LoudSineIsAboutZeroDecibelInItsFilter) {
  for (const int version : {1, 2}) {
    const std::vector<double> db = Decibels({}, version, Sine(1000, 1));
    const auto loudest = std::max_element(db.begin(), db.begin() + 40);
    EXPECT_NEAR(*loudest, 0, 3);
    // 1000 Hz is 1000 mel: (1000 - 93) / (2828 - 93) * 41 - 1.
    EXPECT_NEAR(loudest - db.begin(), 12.6, 1);
  }
}

TEST(LogMelTest, SilenceIsTheFloor) {
  for (const int version : {1, 2}) {
    EXPECT_THAT(Decibels({}, version, std::vector<float>(16000, 0.0f)), ::testing::Each(-96.0));
  }
}

TEST(LogMelTest, HalfTheAmplitudeIsSixDecibelLess) {
  for (const int version : {1, 2}) {
    const double loud = Decibels({}, version, Sine(440, 0.8))[205];
    EXPECT_NEAR(loud - Decibels({}, version, Sine(440, 0.4))[205], 6.02, kLogMelScale);
  }
}

TEST(LogMelTest, SamplesOfSixteenBitsComeBackAsTheyWere) {
  std::vector<float> samples;
  for (int level = -32768; level < 32768; ++level) samples.push_back(level / 32768.0f);
  const std::vector<int16_t> levels = ToInt16(samples);
  for (int i = 0; i < 65536; ++i) ASSERT_EQ(levels[i], i - 32768);
  EXPECT_THAT(ToInt16({1.0f, 2.0f, -2.0f}), ::testing::ElementsAre(32767, 32767, -32768));
}

TEST(LogMelOptionsTest, BadParametersAreRefused) {
  const auto reason_of = [](void (*change)(LogMelOptions&)) {
    LogMelOptions options;
    change(options);
    return options.Validate();
  };
  const auto refused = HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid);

  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.version = 0; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.version = 3; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.sample_rate_hz = 0; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.clip_samples = -1; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.window_samples = 16001; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.stride_samples = 0; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.fft_size = 500; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.fft_size = 256; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.high_hz = 8001; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.low_hz = 7600; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.floor_db = NAN; }), refused);
  EXPECT_THAT(reason_of([](LogMelOptions& o) { o.mel_bins = 200; }), refused);
}

}  // namespace
}  // namespace niwaki::data
