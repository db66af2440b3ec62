#include "libs/data/audio/voice_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

TEST(CheckVoicesTest, InstalledVoicesDiffer) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Espeak espeak, Espeak::Create("espeak-ng"));
  for (uint64_t seed : {1, 2, 3}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const Speakers speakers,
        Speakers::Create(espeak.variants(), {"en-gb"}, {0.6, 0.1, 0.1, 0.2}, seed));

    NIWAKI_EXPECT_OK(CheckVoices(espeak, speakers, {"en-gb", "en-us", "fr-fr"}, "yes", {}));
  }
}

// A second name of a voice drops the variant: everybody would speak with one throat.
TEST(CheckVoicesTest, AccentThatIgnoresVariantsIsRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Espeak espeak, Espeak::Create("espeak-ng"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Speakers speakers,
      Speakers::Create(espeak.variants(), {"en-us"}, {0.6, 0.1, 0.1, 0.2}, 1));

  EXPECT_THAT(CheckVoices(espeak, speakers, {"en-us", "es-mx"}, "yes", {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "accents[1] 'es-mx' sounds the same"));
}

}  // namespace
}  // namespace niwaki::data
