#include "libs/data/audio/flite.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

FliteUtterance Stop(const std::string& voice) {
  FliteUtterance utterance;
  utterance.text = "stop";
  utterance.voice = voice;
  return utterance;
}

TEST(FliteTest, KnowsThePeopleAmongItsVoices) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Flite flite, Flite::Create("flite"));

  EXPECT_THAT(flite.voices(), ::testing::ElementsAre("awb", "kal16", "rms", "slt"));
}

TEST(FliteTest, SpeaksTheSameEveryTime) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Flite flite, Flite::Create("flite"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip a, flite.Speak(Stop("slt")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip b, flite.Speak(Stop("slt")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip other, flite.Speak(Stop("awb")));

  EXPECT_EQ(a.sample_rate_hz, 16000);
  EXPECT_GT(a.samples.size(), 3000);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_NE(a.samples, other.samples);
}

TEST(FliteTest, StretchAndPitchChangeTheSound) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Flite flite, Flite::Create("flite"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip usual, flite.Speak(Stop("slt")));
  FliteUtterance slow = Stop("slt"), high = Stop("slt");
  slow.duration_stretch = 1.5;
  high.pitch_shift = 1.25;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip slower, flite.Speak(slow));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip higher, flite.Speak(high));

  EXPECT_GT(slower.samples.size(), 1.2 * usual.samples.size());
  EXPECT_NE(higher.samples, usual.samples);
}

TEST(FliteTest, MissingToolIsFailedPrecondition) {
  EXPECT_THAT(Flite::Create("/nowhere/flite"),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

}  // namespace
}  // namespace niwaki::data
