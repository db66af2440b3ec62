#include "libs/data/audio/acoustics.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::data {
namespace {

constexpr int kRateHz = 16000;
constexpr uint64_t kSeed = 21;

// The part of the energy that a difference of neighbours keeps: near 2 for white noise, small for
// low sounds.
double Roughness(const std::vector<float>& samples) {
  double difference = 0, energy = 0;
  for (size_t i = 1; i < samples.size(); ++i) {
    difference += std::pow(samples[i] - samples[i - 1], 2);
    energy += std::pow(samples[i], 2);
  }
  return difference / energy;
}

TEST(MakeNoiseTest, EveryKindHasUnitRmsAndFollowsItsSeed) {
  for (int kind = 0; kind < kNoiseKinds; ++kind) {
    Random a(kSeed), b(kSeed), c(kSeed + 1);

    const auto noise = MakeNoise(static_cast<Noise>(kind), 16000, kRateHz, a);

    EXPECT_NEAR(Rms(noise), 1, 1e-4) << kind;
    EXPECT_EQ(noise, MakeNoise(static_cast<Noise>(kind), 16000, kRateHz, b));
    EXPECT_NE(noise, MakeNoise(static_cast<Noise>(kind), 16000, kRateHz, c));
  }
}

TEST(MakeNoiseTest, ColoursDiffer) {
  Random random(kSeed);
  const double white = Roughness(MakeNoise(Noise::kWhite, 16000, kRateHz, random));
  const double pink = Roughness(MakeNoise(Noise::kPink, 16000, kRateHz, random));
  const double brown = Roughness(MakeNoise(Noise::kBrown, 16000, kRateHz, random));

  EXPECT_NEAR(white, 2, 0.1);
  EXPECT_LT(pink, 0.7);
  EXPECT_LT(brown, 0.05);
}

TEST(MakeBabbleTest, HasUnitRms) {
  Random random(kSeed);
  const std::vector<std::vector<float>> voices = {{0.5f, -0.2f, 0.1f}, {0.3f, 0.1f}};

  EXPECT_NEAR(Rms(MakeBabble(voices, 1000, random)), 1, 1e-4);
}

TEST(MixTest, GainSetsTheRatioOfSignalToNoise) {
  Random random(kSeed);
  std::vector<float> samples(16000, 0.0f);

  Mix(MakeNoise(Noise::kPink, 16000, kRateHz, random), DecibelToGain(-20), absl::MakeSpan(samples));

  EXPECT_NEAR(20 * std::log10(Rms(samples)), -20, 0.01);
}

TEST(TrimSilenceTest, KeepsTheLoudPart) {
  std::vector<float> samples(1600, 0.0001f);
  for (int i = 480; i < 800; ++i) samples[i] = 0.5f;

  const std::vector<float> trimmed = TrimSilence(samples, kRateHz, 40);

  EXPECT_EQ(trimmed.size(), 320);
  EXPECT_THAT(trimmed, ::testing::Each(0.5f));
}

TEST(TrimSilenceTest, NothingButSilenceGivesNothing) {
  EXPECT_TRUE(TrimSilence(std::vector<float>(500, 0.0f), kRateHz, 40).empty());
  EXPECT_TRUE(TrimSilence({}, kRateHz, 40).empty());
}

TEST(ReverberateTest, AddsADecayingTail) {
  Random random(kSeed);
  std::vector<float> click(100, 0.0f);
  click[0] = 1;

  const std::vector<float> out = Reverberate(click, kRateHz, 0.2, 0.5, random);

  EXPECT_EQ(out.size(), 100 + 3200);
  EXPECT_NEAR(out[0], 1, 1e-6);
  const absl::Span<const float> tail = absl::MakeConstSpan(out).subspan(1);
  EXPECT_GT(Rms(tail.subspan(0, 800)), 5 * Rms(tail.subspan(1600, 800)));
  EXPECT_NEAR(Rms(tail) * std::sqrt(tail.size()), 0.5, 0.15);
}

TEST(FilterTest, PassAndStopBands) {
  const auto level = [](double hz, void (*filter)(double, int, absl::Span<float>)) {
    std::vector<float> samples(16000);
    for (int i = 0; i < 16000; ++i) samples[i] = std::sin(2 * 3.14159265 * hz * i / kRateHz);
    filter(500, kRateHz, absl::MakeSpan(samples));
    return Rms(absl::MakeConstSpan(samples).subspan(4000)) * std::sqrt(2.0);
  };

  EXPECT_GT(level(50, LowPass), 0.95);
  EXPECT_LT(level(5000, LowPass), 0.15);
  EXPECT_LT(level(50, HighPass), 0.15);
  EXPECT_GT(level(5000, HighPass), 0.85);
}

TEST(ShelfTest, RaisesTheHighPart) {
  std::vector<float> high(16000), low(16000);
  for (int i = 0; i < 16000; ++i) {
    high[i] = std::sin(2 * 3.14159265 * 6000 * i / kRateHz);
    low[i] = std::sin(2 * 3.14159265 * 50 * i / kRateHz);
  }

  Shelf(6, 800, kRateHz, absl::MakeSpan(high));
  Shelf(6, 800, kRateHz, absl::MakeSpan(low));

  EXPECT_NEAR(20 * std::log10(Rms(high) * std::sqrt(2.0)), 6, 1);
  EXPECT_NEAR(20 * std::log10(Rms(low) * std::sqrt(2.0)), 0, 0.5);
}

}  // namespace
}  // namespace niwaki::data
