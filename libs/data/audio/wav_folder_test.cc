#include "libs/data/audio/wav_folder.h"

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/wav.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string Tone(int rate_hz, double seconds) {
  std::vector<float> samples(static_cast<size_t>(rate_hz * seconds));
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = 0.5 * std::sin(6283.2 * i / rate_hz);
  return FormatWav(samples, rate_hz);
}

class ReadWavFolderTest : public ::testing::Test {
 protected:
  void Add(const std::string& name, const std::string& bytes) {
    const std::string path = absl::StrCat(root_, "/", name);
    NIWAKI_ASSERT_OK(MakeFolders(path.substr(0, path.rfind('/'))));
    NIWAKI_ASSERT_OK(WriteFileAtomically(path, bytes));
  }

  const std::string root_ =
      absl::StrCat(std::getenv("TEST_TMPDIR"), "/",
                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ReadWavFolderTest, OtherRatesGiveTheSamePicture) {
  Add("high/a.wav", Tone(16000, 1));
  Add("high/b.wav", Tone(44100, 1));
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  ASSERT_EQ(set.size(), 2);
  // The loud bins of a middle frame agree within one step.
  for (int i = 20 * 40 + 10; i < 20 * 40 + 15; ++i) {
    EXPECT_NEAR(set.examples[i], set.examples[49 * 40 + i], 1) << i;
  }
}

TEST_F(ReadWavFolderTest, ShortClipIsCentred) {
  Add("beep/a.wav", Tone(16000, 0.2));
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  const auto level = [&set](int frame) { return int{set.examples[frame * 40 + 12]}; };
  EXPECT_EQ(level(5), 0);
  EXPECT_EQ(level(44), 0);
  EXPECT_GT(level(24), 200);
}

TEST_F(ReadWavFolderTest, SpeakersBecomeGroups) {
  Add("no/aa_nohash_0.wav", Tone(16000, 1));
  Add("no/bb_nohash_0.wav", Tone(16000, 1));
  Add("yes/aa_nohash_1.wav", Tone(16000, 1));
  Add("yes/plain.wav", Tone(16000, 1));
  Add("_background_noise_/x.wav", "ignored");
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("no", "yes"));
  EXPECT_THAT(set.groups, ElementsAre(0, 1, 0, 2));
}

TEST_F(ReadWavFolderTest, BrokenClipIsNamed) {
  Add("no/a.wav", Tone(16000, 1));
  Add("no/b.wav", Tone(16000, 1).substr(0, 1000));
  WavFolderOptions options;
  options.folder = root_;

  EXPECT_THAT(ReadWavFolder(options, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, "no/b.wav: chunk of 32000 bytes"));
}

TEST_F(ReadWavFolderTest, MissingFolderIsNotFound) {
  WavFolderOptions options;
  options.folder = root_ + "/nothing";

  EXPECT_THAT(ReadWavFolder(options, {}), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::data
