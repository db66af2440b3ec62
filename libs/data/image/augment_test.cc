#include "libs/data/image/augment.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::data {
namespace {

Metadata Picture() {
  Metadata m;
  m.channels = 2;
  m.height = 8;
  m.width = 6;
  m.mean = {0, 0};
  m.stddev = {1, 1};
  return m;
}

Metadata LogMelPicture() {
  Metadata m;
  m.channels = 1;
  m.height = 49;
  m.width = 40;
  m.mean = {-50};
  m.stddev = {10};
  m.front_end = LogMelOptions();
  return m;
}

std::vector<float> Counting(const Metadata& m) {
  std::vector<float> example(m.ElementsPerExample());
  std::iota(example.begin(), example.end(), 1.0f);
  return example;
}

TEST(AugmentTest, SameSeedGivesSameExample) {
  for (const Metadata& m : {Picture(), LogMelPicture()}) {
    std::vector<float> a = Counting(m), b = a, c = a;

    Augment(m, {}, 11, absl::MakeSpan(a));
    Augment(m, {}, 11, absl::MakeSpan(b));
    Augment(m, {}, 12, absl::MakeSpan(c));

    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
  }
}

TEST(AugmentTest, ChannelsMoveTogether) {
  const Metadata m = Picture();
  for (uint64_t seed = 0; seed < 50; ++seed) {
    std::vector<float> example = Counting(m);

    Augment(m, {}, seed, absl::MakeSpan(example));

    for (int i = 0; i < 48; ++i) {
      const bool padded = example[i] == 0;
      EXPECT_EQ(example[48 + i], padded ? 0 : example[i] + 48) << "seed " << seed;
    }
  }
}

TEST(AugmentTest, FlipWithoutCropMirrorsHalfOfThem) {
  const Metadata m = Picture();
  AugmentOptions options;
  options.crop_padding = 0;
  int mirrored = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    std::vector<float> example = Counting(m);
    Augment(m, options, seed, absl::MakeSpan(example));
    EXPECT_TRUE(example[0] == 1 || example[0] == 6);
    mirrored += example[0] == 6;
  }
  EXPECT_NEAR(mirrored, 200, 60);
}

TEST(AugmentTest, EverythingOffLeavesLogMelAlone) {
  const Metadata m = LogMelPicture();
  AugmentOptions options;
  options.max_shift_frames = options.time_masks = options.frequency_masks = 0;
  options.max_gain_db = 0;
  std::vector<float> example = Counting(m);

  Augment(m, options, 5, absl::MakeSpan(example));

  EXPECT_EQ(example, Counting(m));
}

TEST(AugmentTest, MasksStayWithinTheirLimits) {
  const Metadata m = LogMelPicture();
  AugmentOptions options;
  options.max_shift_frames = 0;
  options.max_gain_db = 0;
  std::set<int> rows_seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::vector<float> example(m.ElementsPerExample(), 1.0f);
    Augment(m, options, seed, absl::MakeSpan(example));
    int blank_rows = 0;
    for (int y = 0; y < 49; ++y) {
      const float* row = example.data() + y * 40;
      blank_rows += std::all_of(row, row + 40, [](float v) { return v == 0; });
    }
    EXPECT_LE(blank_rows, options.max_time_mask_frames) << "seed " << seed;
    rows_seen.insert(blank_rows);
  }
  EXPECT_EQ(rows_seen.size(), options.max_time_mask_frames + 1);
}

TEST(AugmentTest, GainIsInDecibel) {
  const Metadata m = LogMelPicture();
  AugmentOptions options;
  options.max_shift_frames = options.time_masks = options.frequency_masks = 0;
  float lowest = 0, highest = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::vector<float> example(m.ElementsPerExample(), 0.0f);
    Augment(m, options, seed, absl::MakeSpan(example));
    lowest = std::min(lowest, example[0]);
    highest = std::max(highest, example[0]);
  }
  // 3 dB at a deviation of 10 dB.
  EXPECT_NEAR(lowest, -0.3, 0.02);
  EXPECT_NEAR(highest, 0.3, 0.02);
}

}  // namespace
}  // namespace niwaki::data
