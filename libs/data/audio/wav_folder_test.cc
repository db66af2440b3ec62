#include "libs/data/audio/wav_folder.h"

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/wav.h"
#include "libs/data/audio/windows.h"

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
  options.use_noise = false;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("no", "yes"));
  EXPECT_THAT(set.groups, ElementsAre(0, 1, 0, 2));
}

TEST_F(ReadWavFolderTest, LongRecordingGivesItsLoudestPart) {
  std::vector<float> samples(160000, 0.0f);
  for (int i = 0; i < 4000; ++i) samples[120000 + i] = 0.5 * std::sin(6283.2 * i / 16000);
  Add("beep/a.wav", FormatWav(samples, 16000));
  Add("beep/b.wav", Tone(16000, 0.25));
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  // The beep of a quarter of a second is in the middle of both.
  ASSERT_EQ(set.size(), 2);
  for (int e = 0; e < 2; ++e) {
    const auto level = [&](int frame) { return int{set.examples[e * 49 * 40 + frame * 40 + 12]}; };
    EXPECT_EQ(level(10), 0) << e;
    EXPECT_EQ(level(38), 0) << e;
    EXPECT_GT(level(24), 200) << e;
  }
}

TEST_F(ReadWavFolderTest, AllWindowsOfARecordingAreOneGroup) {
  std::vector<float> samples(64000, 0.0f);
  for (int i = 0; i < 16000; ++i) {
    samples[i] = samples[48000 + i] = 0.5 * std::sin(6283.2 * i / 16000);
  }
  Add("beep/a.wav", FormatWav(samples, 16000));
  Add("beep/b.wav", Tone(16000, 1));
  Add("beep/c.wav", FormatWav(std::vector<float>(48000, 0.0f), 16000));
  WavFolderOptions options;
  options.folder = root_;
  options.windows = Windows::kAll;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  // Two of the four windows of `a` have no sound; of `c`, which has none at all, one is kept.
  EXPECT_THAT(set.names, ElementsAre("beep/a.wav", "beep/a.wav", "beep/b.wav", "beep/c.wav"));
  EXPECT_THAT(set.groups, ElementsAre(0, 0, 1, 2));
  EXPECT_EQ(set.report->files, 3);
  EXPECT_EQ(set.report->used, 3);
  EXPECT_THAT(set.report->notes, ElementsAre("4 clips were cut from 3 recordings; 2 without sound "
                                             "were left out"));
  options.keep_groups = false;
  EXPECT_THAT(ReadWavFolder(options, {})->groups, ElementsAre());
}

TEST_F(ReadWavFolderTest, BackgroundNoiseBecomesSilence) {
  Add("no/a.wav", Tone(16000, 1));
  Add("yes/b.wav", Tone(16000, 1));
  Add("_background_noise_/hum.wav", Tone(16000, 3.5));
  Add("_background_noise_/short.wav", Tone(16000, 0.5));
  Add("_background_noise_/README.md", "noise");
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet again, ReadWavFolder(options, {}));
  Add("_silence_/c.wav", Tone(16000, 1));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet joined, ReadWavFolder(options, {}));

  EXPECT_THAT(set.class_names, ElementsAre("no", "yes", "silence"));
  EXPECT_THAT(set.labels, ElementsAre(0, 1, 2, 2, 2, 2));
  EXPECT_TRUE(set.dealing[5].over_all);
  EXPECT_EQ(set.report->files, 5);
  EXPECT_EQ(set.report->used, 4);
  EXPECT_EQ(set.examples, again.examples);
  // No louder than it was recorded, and not all as loud.
  const auto level = [&set](int e) { return int{set.examples[e * 49 * 40 + 24 * 40 + 12]}; };
  for (int e = 2; e < 5; ++e) EXPECT_LE(level(e), level(0));
  EXPECT_NE(level(2), level(3));
  EXPECT_THAT(joined.class_names, ElementsAre("_silence_", "no", "yes"));
  EXPECT_THAT(joined.labels, ElementsAre(0, 1, 2, 0, 0, 0, 0));
}

TEST_F(ReadWavFolderTest, AllBrokenClipsAreNamed) {
  Add("no/a.wav", Tone(16000, 1));
  Add("no/b.wav", Tone(16000, 1).substr(0, 20));
  Add("yes/c.wav", FormatWav({}, 16000));
  Add("yes/d.mp3", "ID3 and more");
  Add("yes/e.wav", Tone(16000, 1));
  WavFolderOptions options;
  options.folder = root_;

  const auto refused = ReadWavFolder(options, {});
  options.skip_bad = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "3 of 5 files"));
  EXPECT_EQ(GetErrorItems(refused.status()).size(), 3);
  EXPECT_THAT(set.names, ElementsAre("no/a.wav", "yes/e.wav"));
  EXPECT_EQ(set.report->bad_files, 3);
}

TEST_F(ReadWavFolderTest, ClipThatIsCutShortIsUsedAndNamed) {
  Add("no/a.wav", Tone(16000, 1));
  Add("no/b.wav", Tone(16000, 1).substr(0, 20000));
  WavFolderOptions options;
  options.folder = root_;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ExampleSet set, ReadWavFolder(options, {}));

  EXPECT_EQ(set.report->used, 2);
  EXPECT_THAT(set.report->notes,
              ::testing::Contains(::testing::HasSubstr("1 used although odd: no/b.wav: ")));
}

TEST_F(ReadWavFolderTest, MissingFolderIsNotFound) {
  WavFolderOptions options;
  options.folder = root_ + "/nothing";

  EXPECT_THAT(ReadWavFolder(options, {}), StatusIs(absl::StatusCode::kNotFound, ""));
}

}  // namespace
}  // namespace niwaki::data
