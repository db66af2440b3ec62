#include "libs/data/image/photo.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::data {
namespace {

constexpr int kSeeds = 200;

Metadata Photo(int channels) {
  Metadata m;
  m.channels = channels;
  m.height = 24;
  m.width = 32;
  m.mean.assign(channels, 120);
  m.stddev.assign(channels, 60);
  return m;
}

// Bytes, normalised.
std::vector<float> Noise(const Metadata& m) {
  Random random(3);
  std::vector<float> example(m.ElementsPerExample());
  for (float& v : example) v = (static_cast<float>(random.Uniform(256)) - 120) / 60;
  return example;
}

std::vector<float> Changed(const Metadata& m, const PhotoOptions& options, uint64_t seed,
                           int height, int width) {
  std::vector<float> out(int64_t{m.channels} * height * width);
  AugmentPhoto(m, options, seed, Noise(m), height, width, out.data());
  return out;
}

TEST(PhotoTest, SeedDecidesEverything) {
  const Metadata m = Photo(3);

  EXPECT_EQ(Changed(m, {}, 5, 16, 16), Changed(m, {}, 5, 16, 16));
  EXPECT_NE(Changed(m, {}, 5, 16, 16), Changed(m, {}, 6, 16, 16));
}

TEST(PhotoTest, ColoursStayWithinTheRangeOfBytes) {
  const Metadata m = Photo(3);
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const float v : Changed(m, {}, seed, 12, 12)) {
      EXPECT_GE(v, (0 - 120) / 60.0 - 1e-4);
      EXPECT_LE(v, (255 - 120) / 60.0 + 1e-4);
    }
  }
}

TEST(PhotoTest, WholePictureWithoutChangesIsItself) {
  Metadata m = Photo(1);
  m.width = m.height;
  PhotoOptions options;
  options.min_area = 1;
  options.max_aspect = 1;
  options.flip = false;
  options.brightness = 0;
  options.saturation = 0;

  EXPECT_EQ(Changed(m, options, 1, m.height, m.width), Noise(m));
}

TEST(PhotoTest, CropsHaveTheAreasAndShapesAllowed) {
  // A picture whose value is the column: the crop's width is what its values span.
  Metadata m = Photo(1);
  m.height = 64;
  m.width = 64;
  m.mean = {0};
  m.stddev = {1};
  std::vector<float> columns(m.ElementsPerExample());
  for (size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<float>(i % 64);
  PhotoOptions options;
  options.brightness = 0;
  options.saturation = 0;
  double smallest = 64, largest = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::vector<float> out(64 * 64);
    AugmentPhoto(m, options, seed, columns, 64, 64, out.data());
    const auto [low, high] = std::minmax_element(out.begin(), out.end());
    smallest = std::min<double>(smallest, *high - *low + 1);
    largest = std::max<double>(largest, *high - *low + 1);
  }

  // 64 * sqrt(0.08 / (4 / 3)) = 15.7 is the narrowest.
  EXPECT_GE(smallest, 15);
  EXPECT_LT(smallest, 30);
  EXPECT_GT(largest, 56);
}

TEST(PhotoTest, BrightnessScalesAndSaturationKeepsGrey) {
  Metadata m = Photo(3);
  const std::vector<float> grey(m.ElementsPerExample(), (100.0f - 120) / 60);
  std::vector<float> out(3 * 8 * 8);
  PhotoOptions options;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    AugmentPhoto(m, options, seed, grey, 8, 8, out.data());
    const double byte = out[0] * 60 + 120;
    EXPECT_GE(byte, 100 * (1 - 32.0 / 255) - 0.01);
    EXPECT_LE(byte, 100 * (1 + 32.0 / 255) + 0.01);
    for (const float v : out) EXPECT_NEAR(v, out[0], 1e-4);
  }
}

}  // namespace
}  // namespace niwaki::data
