#include "libs/data/audio/clip_studio.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/data/audio/acoustics.h"

namespace niwaki::data {
namespace {

constexpr uint64_t kSeed = 33;

std::vector<float> Voice(int n) {
  std::vector<float> voice(n);
  for (int i = 0; i < n; ++i) voice[i] = 0.3f * std::sin(0.1 * i);
  return voice;
}

TEST(ClipStudioTest, SameSeedGivesTheSameClip) {
  const ClipStudio studio({}, {Voice(5000)});
  Random a(kSeed), b(kSeed), c(kSeed + 1);

  const std::vector<float> clip = studio.Record(Voice(9000), 22050, a);

  EXPECT_EQ(clip, studio.Record(Voice(9000), 22050, b));
  EXPECT_NE(clip, studio.Record(Voice(9000), 22050, c));
}

TEST(ClipStudioTest, EveryClipIsOneSecondWithinFullScale) {
  const ClipStudio studio({}, {Voice(5000)});
  Random random(kSeed);
  for (int length : {0, 1, 5000, 22050, 60000}) {
    for (int k = 0; k < 20; ++k) {
      const std::vector<float> clip = studio.Record(Voice(length), 22050, random);
      ASSERT_EQ(clip.size(), 16000);
      EXPECT_LE(*std::max_element(clip.begin(), clip.end()), 1.0f);
      EXPECT_GE(*std::min_element(clip.begin(), clip.end()), -1.0f);
      EXPECT_GT(Rms(clip), 0) << "a microphone is never quite silent";
    }
  }
}

TEST(ClipStudioTest, QuietRoomPutsTheWordNearTheMiddle) {
  ClipConditions conditions;
  conditions.min_snr_db = conditions.max_snr_db = 60;
  conditions.reverb_probability = 0;
  const ClipStudio studio(conditions, {});
  Random random(kSeed);
  for (int k = 0; k < 50; ++k) {
    const std::vector<float> clip = studio.Record(Voice(6000), 22050, random);
    double energy = 0, moment = 0;
    for (int i = 0; i < 16000; ++i) {
      energy += clip[i] * clip[i];
      moment += clip[i] * clip[i] * i;
    }
    EXPECT_NEAR(moment / energy / 16000, 0.5, conditions.max_shift_s + 0.05) << "seed " << kSeed;
  }
}

TEST(ClipStudioTest, SilenceIsSofterThanWords) {
  const ClipStudio studio({}, {Voice(5000)});
  Random random(kSeed);
  double words = 0, silences = 0;
  for (int k = 0; k < 100; ++k) {
    words += 20 * std::log10(Rms(studio.Record(Voice(9000), 22050, random))) / 100;
    silences += 20 * std::log10(Rms(studio.RecordSilence(random))) / 100;
  }

  EXPECT_GT(words, silences + 10);
}

}  // namespace
}  // namespace niwaki::data
