#include "libs/data/audio/speakers.h"

#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

const std::set<std::string>& Installed() {
  static const auto& variants = *new std::set<std::string>{
      "f1",     "f2",  "f3",    "f4",     "f5",     "linda",    "steph",  "steph2",
      "steph3", "m1",  "m2",    "m3",     "m4",     "m5",       "m6",     "m7",
      "m8",     "max", "klatt", "klatt2", "klatt3", "robosoft", "whisper"};
  return variants;
}

TEST(SpeakersTest, NoVariantOrFamilyIsInTwoSplits) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const Speakers speakers,
        Speakers::Create(Installed(), {"en-us"}, {0.7, 0.1, 0.1, 0.1}, seed));
    std::map<std::string, std::set<Split>> families;
    for (Split split : kAllSplits) {
      EXPECT_GE(speakers.variants(split).size(), 2) << "seed " << seed;
      for (const std::string& variant : speakers.variants(split)) {
        const bool relatives = variant.rfind("steph", 0) == 0 || variant.rfind("klatt", 0) == 0;
        families[relatives ? variant.substr(0, 5) : variant].insert(split);
      }
    }
    for (const auto& [family, splits] : families) EXPECT_EQ(splits.size(), 1) << family;
    EXPECT_EQ(families.count("robosoft"), 0);
    EXPECT_EQ(families.count("whisper"), 0);
  }
}

TEST(SpeakersTest, DrawGivesSpeakersOfTheSplitWithTheirOwnId) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Speakers speakers,
      Speakers::Create(Installed(), {"en-us", "en-gb"}, {0.7, 0.1, 0.1, 0.1}, 1));
  Random random(2);
  std::map<uint32_t, std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const Split split = kAllSplits[i % kSplitCount];
    const Speaker speaker = speakers.Draw(split, random);
    EXPECT_THAT(speakers.variants(split), ::testing::Contains(speaker.variant));
    const std::string name =
        speaker.accent + "+" + speaker.variant + std::to_string(speaker.pitch_band);
    EXPECT_EQ(seen.emplace(speaker.id, name).first->second, name);
  }
  // 21 usable variants, 2 accents, 3 bands.
  EXPECT_GT(seen.size(), 100);
  EXPECT_LE(seen.size(), 126);
}

TEST(SpeakersTest, LargeSharesLeaveTrainSomeone) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Speakers speakers,
                              Speakers::Create(Installed(), {"en-us"}, {0.001, 0.3, 0.3, 0.4}, 1));

  EXPECT_GE(speakers.variants(Split::kTrain).size(), 2);
}

TEST(SpeakersTest, TooFewVariantsAreRefused) {
  EXPECT_THAT(Speakers::Create({"m1", "m2", "f1"}, {"en-us"}, {1, 1, 1, 1}, 1),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

}  // namespace
}  // namespace niwaki::data
