#include "libs/data/audio/stream/recording.h"

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

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string Written(const std::string& name, const std::string& bytes) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  NIWAKI_EXPECT_OK(WriteFileAtomically(path, bytes));
  return path;
}

TEST(RecordingTest, SamplesAreThoseOfTheFile) {
  const std::string path = Written("good.wav", FormatWav({0.0f, 1.0f, -1.0f}, 16000));
  const auto recording = ReadRecording(path, 16000);
  NIWAKI_ASSERT_OK(recording);
  EXPECT_THAT(recording->samples, ElementsAre(0, 32767, -32768));
  EXPECT_EQ(recording->warning, "");
}

TEST(RecordingTest, AnotherRateIsRefusedWithBoth) {
  const std::string path = Written("fast.wav", FormatWav({0.5f}, 44100));
  const auto recording = ReadRecording(path, 16000);
  EXPECT_THAT(recording, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  const auto detail = GetErrorDetail(recording.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "sample_rate_hz");
  EXPECT_EQ(detail->value, "44100");
  EXPECT_EQ(detail->limit, "16000");
}

TEST(RecordingTest, WhatIsNoSoundIsRefusedAndACutOneSaysSo) {
  const std::string whole = FormatWav(std::vector<float>(1000, 0.5f), 16000);
  EXPECT_THAT(ReadRecording(Written("text.wav", "no sound"), 16000).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(ReadRecording(Written("head.wav", whole.substr(0, 44)), 16000).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  const auto cut = ReadRecording(Written("cut.wav", whole.substr(0, 1044)), 16000);
  NIWAKI_ASSERT_OK(cut);
  EXPECT_EQ(cut->samples.size(), 500);
  EXPECT_THAT(cut->warning, ::testing::Not(""));
}

TEST(RecordingTest, ClipIsTheLoudestPartOrLiesInSilence) {
  std::vector<int16_t> samples(400, 0);
  for (int i = 290; i < 300; ++i) samples[i] = i % 2 == 0 ? 9000 : -9000;
  const std::vector<int16_t> clip = ClipOf(samples, 100);
  ASSERT_EQ(clip.size(), 100);
  EXPECT_THAT(clip, ::testing::Contains(9000).Times(5));
  EXPECT_THAT(ClipOf(std::vector<int16_t>{5, 6}, 6), ElementsAre(0, 0, 5, 6, 0, 0));
}

}  // namespace
}  // namespace niwaki::data
