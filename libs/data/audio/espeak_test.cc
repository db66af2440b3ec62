#include "libs/data/audio/espeak.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Pair;

TEST(EspeakTest, KnowsItsVoicesAndVariants) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Espeak espeak, Espeak::Create("espeak-ng"));

  EXPECT_THAT(espeak.version(), HasSubstr("eSpeak NG"));
  EXPECT_THAT(espeak.variants(), IsSupersetOf({"m1", "f5", "klatt", "Mr serious", "Storm"}));
  EXPECT_THAT(espeak.voices(), Contains(Pair("en-us", "gmw/en-US")));
  EXPECT_THAT(espeak.voices(), Contains(Pair("en-gb", "gmw/en")));
  EXPECT_EQ(espeak.voices().count("Language"), 0);
}

TEST(EspeakTest, SpeaksTheSameEveryTime) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Espeak espeak, Espeak::Create("espeak-ng"));
  Utterance utterance;
  utterance.text = "stop";
  utterance.accent = "en-gb";
  utterance.variant = "f2";

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip a, espeak.Speak(utterance));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip b, espeak.Speak(utterance));
  utterance.variant = "m3";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip other, espeak.Speak(utterance));

  EXPECT_EQ(a.sample_rate_hz, 22050);
  EXPECT_GT(a.samples.size(), 4000);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_NE(a.samples, other.samples);
}

TEST(EspeakTest, PhonemesTellWordsApart) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Espeak espeak, Espeak::Create("espeak-ng"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string right, espeak.Phonemes("right", "en-us"));

  EXPECT_THAT(espeak.Phonemes("write", "en-us"), IsOkAndHolds(right));
  EXPECT_THAT(espeak.Phonemes("light", "en-us"), IsOkAndHolds(::testing::Ne(right)));
}

TEST(EspeakTest, MissingToolIsFailedPrecondition) {
  EXPECT_THAT(Espeak::Create("/nowhere/espeak-ng"),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

}  // namespace
}  // namespace niwaki::data
