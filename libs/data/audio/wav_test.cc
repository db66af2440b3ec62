#include "libs/data/audio/wav.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string Le(uint32_t value, int bytes) {
  std::string out;
  for (int k = 0; k < bytes; ++k) out.push_back(static_cast<char>(value >> (8 * k)));
  return out;
}

std::string Chunk(absl::string_view id, const std::string& body) {
  return std::string(id) + Le(body.size(), 4) + body;
}

std::string Format(int codec, int channels, uint32_t rate, int bits) {
  return Chunk("fmt ", Le(codec, 2) + Le(channels, 2) + Le(rate, 4) +
                           Le(rate * channels * bits / 8, 4) + Le(channels * bits / 8, 2) +
                           Le(bits, 2));
}

std::string Wav(const std::string& chunks) {
  return "RIFF" + Le(4 + chunks.size(), 4) + "WAVE" + chunks;
}

TEST(ParseWavTest, ReadsBackWhatWasFormatted) {
  const std::vector<float> samples = {0, 0.5, -0.5, 1, -1, 2};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(FormatWav(samples, 16000), "x"));

  EXPECT_EQ(clip.sample_rate_hz, 16000);
  ASSERT_EQ(clip.samples.size(), 6);
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(clip.samples[i], samples[i], 1e-4);
  EXPECT_NEAR(clip.samples[5], 1, 1e-4);
}

TEST(ParseWavTest, AveragesTwoChannels) {
  const std::string wav =
      Wav(Format(1, 2, 8000, 16) +
          Chunk("data", Le(16384, 2) + Le(0, 2) + Le(0x8000, 2) + Le(0x8000, 2)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.25f, -1.0f));
}

TEST(ParseWavTest, ReadsFloatsAndReplacesWhatIsNotFinite) {
  const std::string wav =
      Wav(Format(3, 1, 16000, 32) +
          Chunk("data", Le(0x3F000000, 4) + Le(0x7FC00000, 4) + Le(0x40800000, 4)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.5f, 0.0f, 1.0f));
}

TEST(ParseWavTest, PassesOverOtherChunksOfOddSize) {
  const std::string wav = Wav(Chunk("LIST", "abc") + std::string(1, '\0') +
                              Format(1, 1, 16000, 16) + Chunk("data", Le(16384, 2)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.5f));
}

TEST(ParseWavTest, StreamOfUnknownLengthEndsWithTheBytes) {
  const std::string wav =
      Wav(Format(1, 1, 22050, 16) + "data" + Le(0x7FFFF000, 4) + Le(16384, 2) + Le(0xC000, 2));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.5f, -0.5f));
}

TEST(ParseWavTest, HostileFilesAreMalformed) {
  const std::string good_format = Format(1, 1, 16000, 16);
  for (const std::string& bytes :
       {std::string(), std::string("RIFF"), std::string("RIFX....WAVE"), Wav(""), Wav(good_format),
        Wav(Chunk("data", "ab")), Wav(good_format + "data" + Le(100, 4) + "ab"),
        Wav(Chunk("fmt ", "short") + Chunk("data", "ab")),
        Wav(Format(1, 0, 16000, 16) + Chunk("data", "ab")),
        Wav(Format(1, 3, 16000, 16) + Chunk("data", "abcdef")),
        Wav(Format(1, 1, 0, 16) + Chunk("data", "ab")),
        Wav(Format(1, 1, 4000000000u, 16) + Chunk("data", "ab")),
        Wav(std::string("junk") + Le(0xFFFFFFFF, 4) + "x")}) {
    EXPECT_THAT(ParseWav(bytes, "bad.wav"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
}

TEST(ParseWavTest, OtherCodecsAreUnimplemented) {
  EXPECT_THAT(ParseWav(Wav(Format(7, 1, 8000, 8) + Chunk("data", "ab")), "mulaw.wav"),
              StatusIs(absl::StatusCode::kUnimplemented, "codec 7 with 8 bits"));
}

}  // namespace
}  // namespace niwaki::data
