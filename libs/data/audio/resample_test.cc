#include "libs/data/audio/resample.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::data {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<float> Sine(double hz, double rate, int n) {
  std::vector<float> samples(n);
  for (int i = 0; i < n; ++i) samples[i] = std::sin(2 * kPi * hz * i / rate);
  return samples;
}

TEST(ResampleTest, SineKeepsItsFrequencyAndLevel) {
  const std::vector<float> out = Resample(Sine(1000, 22050, 22050), 16000.0 / 22050);

  const std::vector<float> expected = Sine(1000, 16000, 16000);
  ASSERT_EQ(out.size(), 16000);
  for (int i = 100; i < 15900; ++i) EXPECT_NEAR(out[i], expected[i], 2e-3) << i;
}

TEST(ResampleTest, WhatTheNewRateCannotHoldIsRemoved) {
  const std::vector<float> out = Resample(Sine(9800, 22050, 22050), 16000.0 / 22050);

  for (int i = 100; i < 15900; ++i) EXPECT_NEAR(out[i], 0, 0.01) << i;
}

TEST(ResampleTest, RatioOneCopies) {
  const std::vector<float> in = Sine(440, 16000, 500);

  const std::vector<float> out = Resample(in, 1);

  ASSERT_EQ(out.size(), in.size());
  for (size_t i = 0; i < in.size(); ++i) EXPECT_NEAR(out[i], in[i], 1e-5);
}

TEST(ResampleTest, UpwardsInterpolates) {
  const std::vector<float> out = Resample(Sine(500, 8000, 4000), 2);

  const std::vector<float> expected = Sine(500, 16000, 8000);
  ASSERT_EQ(out.size(), 8000);
  for (int i = 100; i < 7900; ++i) EXPECT_NEAR(out[i], expected[i], 2e-3) << i;
}

TEST(ResampleTest, NothingGivesNothing) { EXPECT_TRUE(Resample({}, 0.5).empty()); }

}  // namespace
}  // namespace niwaki::data
