#include "libs/kernels/frontend/real_fft.h"

#include <cmath>
#include <complex>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<float> Sines(int32_t size) {
  std::vector<float> sine(NW_FFT_SINES(size));
  for (size_t k = 0; k < sine.size(); ++k) {
    sine[k] = static_cast<float>(std::sin(2 * kPi * k / size));
  }
  return sine;
}

std::vector<float> Spectrum(const std::vector<float>& samples) {
  const int32_t size = static_cast<int32_t>(samples.size());
  std::vector<float> data(size);
  for (int32_t k = 0, reversed = 0; k < size / 2; ++k) {
    data[2 * reversed] = samples[2 * k];
    data[2 * reversed + 1] = samples[2 * k + 1];
    reversed = nw_next_reversed(reversed, size / 2);
  }
  nw_power_spectrum(Sines(size).data(), size, data.data());
  data.resize(size / 2 + 1);
  return data;
}

TEST(RealFftTest, ReversedIndicesGoThroughAllOfThem) {
  std::set<int32_t> seen;
  int32_t reversed = 0;
  for (int k = 0; k < 64; ++k) {
    seen.insert(reversed);
    reversed = nw_next_reversed(reversed, 64);
    if (k == 0) EXPECT_EQ(reversed, 32);
    if (k == 1) EXPECT_EQ(reversed, 16);
  }
  EXPECT_EQ(reversed, 0);
  EXPECT_EQ(seen.size(), 64);
}

TEST(RealFftTest, EqualsTheSumOfTheDefinition) {
  constexpr uint64_t kSeed = 5;
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<float> between(-1, 1);
  for (int32_t size = 16; size <= 1024; size *= 2) {
    SCOPED_TRACE(size);
    std::vector<float> samples(size);
    for (float& sample : samples) sample = between(random);
    const std::vector<float> spectrum = Spectrum(samples);
    for (int32_t k = 0; k <= size / 2; ++k) {
      std::complex<double> sum = 0;
      for (int32_t i = 0; i < size; ++i) {
        sum += static_cast<double>(samples[i]) *
               std::polar(1.0, -2 * kPi * (int64_t{k} * i % size) / size);
      }
      EXPECT_NEAR(spectrum[k], 4 * std::norm(sum), 1e-5 * size) << k;
    }
  }
}

TEST(RealFftTest, ImpulseIsFlatAndConstantIsItsFirst) {
  std::vector<float> impulse(64, 0.0f);
  impulse[0] = 1;
  for (const float power : Spectrum(impulse)) EXPECT_FLOAT_EQ(power, 4);
  const std::vector<float> constant = Spectrum(std::vector<float>(64, 1.0f));
  EXPECT_FLOAT_EQ(constant[0], 4 * 64 * 64);
  for (size_t k = 1; k < constant.size(); ++k) EXPECT_NEAR(constant[k], 0, 1e-6);
}

}  // namespace
