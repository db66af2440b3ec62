#include "libs/data/audio/stream/stream_maker.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/audio/stream/recording.h"
#include "libs/data/audio/wav.h"

namespace niwaki::data {
namespace {

StreamMakerOptions Options(const std::string& name, int rate = 16000) {
  StreamMakerOptions options;
  options.clips = absl::StrCat(::testing::TempDir(), "/", name);
  for (const char* word : {"yes", "unknown"}) {
    const std::string folder = absl::StrCat(options.clips, "/", word);
    NIWAKI_EXPECT_OK(MakeFolders(folder));
    NIWAKI_EXPECT_OK(WriteFileAtomically(folder + "/1.wav",
                                         FormatWav(std::vector<float>(rate / 2, 0.5f), rate)));
  }
  options.minutes = 0.5;
  options.gap_s = 0.5;
  options.out = options.clips + ".wav";
  options.labels = options.clips + ".txt";
  return options;
}

TEST(StreamMakerTest, ClipsLieWhereTheLabelsSay) {
  const StreamMakerOptions options = Options("stream");
  const auto made = MakeStream(options);
  NIWAKI_ASSERT_OK(made);
  EXPECT_EQ(made->seconds, 30);
  EXPECT_GT(made->labelled, 3);
  EXPECT_GT(made->clips, made->labelled);
  const auto recording = ReadRecording(options.out, 16000);
  NIWAKI_ASSERT_OK(recording);
  EXPECT_EQ(recording->samples.size(), 30 * 16000);
  const auto labels = ReadFile(options.labels);
  NIWAKI_ASSERT_OK(labels);
  const std::vector<std::string> lines = absl::StrSplit(*labels, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), made->labelled);
  for (const std::string& line : lines) {
    const std::vector<std::string> parts = absl::StrSplit(line, ' ');
    EXPECT_EQ(parts[1], "yes");
    const auto at = static_cast<int64_t>(std::stod(parts[0]) * 16000);
    EXPECT_NEAR(recording->samples[at], 16384, 400);
  }
}

TEST(StreamMakerTest, SameSeedGivesTheSameFilesAndAnotherOthers) {
  StreamMakerOptions options = Options("seeds");
  NIWAKI_ASSERT_OK(MakeStream(options));
  const std::string first = *ReadFile(options.out);
  NIWAKI_ASSERT_OK(MakeStream(options));
  EXPECT_EQ(*ReadFile(options.out), first);
  options.seed = 2;
  NIWAKI_ASSERT_OK(MakeStream(options));
  EXPECT_NE(*ReadFile(options.out), first);
}

TEST(StreamMakerTest, WhatCannotBeIsRefused) {
  StreamMakerOptions options = Options("wrong");
  options.minutes = 1e9;
  EXPECT_THAT(MakeStream(options).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  options = Options("fast", 8000);
  EXPECT_THAT(MakeStream(options).status(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  options.clips += "/nowhere";
  EXPECT_FALSE(MakeStream(options).ok());
}

}  // namespace
}  // namespace niwaki::data
