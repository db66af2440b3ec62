#include "libs/data/audio/wav.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

std::string Le(uint64_t value, int bytes) {
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

TEST(FormatWavTest, WhatWasReadIsWrittenAsItWas) {
  std::vector<float> samples;
  for (int level = -32768; level < 32768; level += 7) samples.push_back(level / 32768.0f);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(FormatWav(samples, 16000), "x"));
  EXPECT_EQ(clip.samples, samples);
}

TEST(ParseWavTest, AveragesTwoChannels) {
  const std::string wav =
      Wav(Format(1, 2, 8000, 16) +
          Chunk("data", Le(16384, 2) + Le(0, 2) + Le(0x8000, 2) + Le(0x8000, 2)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.25f, -1.0f));
}

TEST(ParseWavTest, ReadsPcmOfEveryDepth) {
  struct Case {
    int bits;
    std::string data;
    std::vector<float> want;
  };
  for (const Case& c : std::vector<Case>{
           {8, Le(0, 1) + Le(128, 1) + Le(192, 1) + Le(255, 1), {-1, 0, 0.5, 127 / 128.0f}},
           {16, Le(0x8000, 2) + Le(0x4000, 2) + Le(0xFFFF, 2), {-1, 0.5, -1 / 32768.0f}},
           {24,
            Le(0x800000, 3) + Le(0x400000, 3) + Le(0xFFFFFF, 3) + Le(1, 3),
            {-1, 0.5, -1 / 8388608.0f, 1 / 8388608.0f}},
           {32, Le(0x80000000, 4) + Le(0x40000000, 4) + Le(1, 4), {-1, 0.5, 1 / 2147483648.0f}},
           // At the top of two and three bytes.
           {12, Le(0x8000, 2) + Le(0x4000, 2) + Le(0x0010, 2), {-1, 0.5, 1 / 2048.0f}},
           {20, Le(0xC00000, 3) + Le(0x000010, 3), {-0.5, 1 / 524288.0f}}}) {
    const int bytes = (c.bits + 7) / 8;
    const std::string format =
        Chunk("fmt ", Le(1, 2) + Le(1, 2) + Le(16000, 4) + Le(16000 * bytes, 4) + Le(bytes, 2) +
                          Le(c.bits, 2));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip,
                                ParseWav(Wav(format + Chunk("data", c.data)), "x"));

    EXPECT_THAT(clip.samples, ElementsAreArray(c.want)) << c.bits;
    EXPECT_EQ(clip.warning, "") << c.bits;
  }
}

std::string Bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return Le(bits, 4);
}

std::string Bits(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return Le(bits, 8);
}

TEST(ParseWavTest, ReadsFloatsOfBothSizes) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const WavClip narrow,
      ParseWav(Wav(Format(3, 1, 16000, 32) + Chunk("data", Bits(0.5f) + Bits(-0.125f))), "x"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const WavClip wide,
      ParseWav(Wav(Format(3, 1, 16000, 64) + Chunk("data", Bits(0.25) + Bits(-1.0))), "x"));

  EXPECT_THAT(narrow.samples, ElementsAre(0.5f, -0.125f));
  EXPECT_THAT(wide.samples, ElementsAre(0.25f, -1.0f));
  EXPECT_EQ(narrow.warning + wide.warning, "");
}

TEST(ParseWavTest, FloatsBeyondOneAreCutWithAWarning) {
  const std::string wav = Wav(Format(3, 2, 16000, 32) +
                              Chunk("data", Bits(0.5f) + Bits(4.0f) + Bits(-32768.0f) + Bits(0.f)));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.75f, -0.5f));
  EXPECT_EQ(clip.warning, "2 of 4 elements are beyond 1 (up to 32768) and are cut to it");

  std::string few;
  for (int i = 0; i < 3000; ++i) few += Bits(i == 7 ? 1.01f : 0.1f);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip quiet,
                              ParseWav(Wav(Format(3, 1, 16000, 32) + Chunk("data", few)), "x"));
  EXPECT_EQ(quiet.samples[7], 1);
  EXPECT_EQ(quiet.warning, "");
}

TEST(ParseWavTest, SampleThatIsNotFiniteIsNamed) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(ParseWav(Wav(Format(3, 2, 16000, 64) +
                           Chunk("data", Bits(0.0) + Bits(0.0) + Bits(0.0) + Bits(nan))),
                       "x.wav"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x.wav: sample 1 of channel 2 is nan"));
  EXPECT_THAT(
      ParseWav(Wav(Format(3, 1, 16000, 32) + Chunk("data", Bits(static_cast<float>(-inf)))), "x"),
      StatusIs(absl::StatusCode::kInvalidArgument, "sample 0 of channel 1 is -inf"));
}

TEST(ParseWavTest, AveragesAnyNumberOfChannels) {
  for (const int channels : {1, 3, 4, 6, 8, 64}) {
    std::string data;
    for (int c = 0; c < channels; ++c) data += Le(c == 0 ? 0x4000 : 0, 2);

    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const WavClip clip,
        ParseWav(Wav(Format(1, channels, 48000, 16) + Chunk("data", data + data)), "x"));

    EXPECT_THAT(clip.samples, ElementsAre(0.5f / channels, 0.5f / channels));
  }
}

// The header of programs that know of more than two channels.
std::string Extensible(int codec, int channels, int bits, int valid_bits, absl::string_view end) {
  const std::string base = Format(0xFFFE, channels, 16000, bits).substr(8);
  return Chunk("fmt ", base + Le(22, 2) + Le(valid_bits, 2) + Le(3, 4) + Le(codec, 4) +
                           std::string("\0\0\x10\0", 4) + std::string(end));
}

TEST(ParseWavTest, ReadsExtensibleHeaders) {
  const std::string end("\x80\0\0\xAA\0\x38\x9B\x71", 8);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const WavClip pcm,
      ParseWav(Wav(Extensible(1, 2, 24, 24, end) + Chunk("data", Le(0x400000, 3) + Le(0, 3))),
               "x"));
  // 24 bits at the top of 32.
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const WavClip padded,
      ParseWav(Wav(Extensible(1, 1, 32, 24, end) + Chunk("data", Le(0xC0000000, 4))), "x"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const WavClip real,
      ParseWav(Wav(Extensible(3, 1, 32, 32, end) + Chunk("data", Bits(0.75f))), "x"));

  EXPECT_THAT(pcm.samples, ElementsAre(0.25f));
  EXPECT_THAT(padded.samples, ElementsAre(-0.5f));
  EXPECT_THAT(real.samples, ElementsAre(0.75f));
  EXPECT_THAT(
      ParseWav(Wav(Extensible(1, 4, 16, 16, "\x86\x44\xC8\xC1\xCA___") + Chunk("data", "12345678")),
               "ambisonic.wav"),
      StatusIs(absl::StatusCode::kUnimplemented, "WAV codec 65534"));
}

TEST(ParseWavTest, ReadsTheOtherByteOrder) {
  const auto be = [](uint64_t value, int count) {
    const std::string little = Le(value, count);
    return std::string(little.rbegin(), little.rend());
  };
  const std::string wav = "RIFX" + be(40, 4) + "WAVEfmt " + be(16, 4) + be(1, 2) + be(1, 2) +
                          be(8000, 4) + be(16000, 4) + be(2, 2) + be(16, 2) + "data" + be(4, 4) +
                          be(0x4000, 2) + be(0x8000, 2);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_EQ(clip.sample_rate_hz, 8000);
  EXPECT_THAT(clip.samples, ElementsAre(0.5f, -1.0f));
  EXPECT_EQ(clip.warning, "");
}

TEST(ParseWavTest, ReadsSizesOfSixtyFourBits) {
  const std::string start = "RF64" + Le(0xFFFFFFFF, 4) + "WAVE" +
                            Chunk("ds64", Le(100, 8) + Le(4, 8) + Le(2, 8) + Le(0, 4)) +
                            Format(1, 1, 16000, 16) + "data" + Le(0xFFFFFFFF, 4) + Le(0x4000, 2) +
                            Le(0x8000, 2);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(start + Chunk("LIST", "abcd"), "x"));

  EXPECT_THAT(clip.samples, ElementsAre(0.5f, -1.0f));
  EXPECT_EQ(clip.warning, "");
}

std::string Samples(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += Le(0x4000 + i, 2);
  return out;
}

TEST(ParseWavTest, SizesThatARecorderLeftOpenMeanToTheEnd) {
  for (const uint32_t riff : {0u, 36u, 0xFFFFFFFFu, 36u + 200u}) {
    for (const uint32_t size : {0u, 0xFFFFFFFFu, 0x80000000u}) {
      const std::string wav = "RIFF" + Le(riff, 4) + "WAVE" + Format(1, 1, 16000, 16) + "data" +
                              Le(size, 4) + Samples(100);

      NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

      ASSERT_EQ(clip.samples.size(), 100) << riff << " " << size;
      EXPECT_EQ(clip.samples[99], (0x4000 + 99) / 32768.0f);
      EXPECT_EQ(clip.warning.empty(), size != 0) << clip.warning;
    }
  }
}

TEST(ParseWavTest, OpenSoundEndsWithWhatTheHeaderCallsTheFile) {
  const std::string wav = "RIFF" + Le(36 + 20, 4) + "WAVE" + Format(1, 1, 16000, 16) + "data" +
                          Le(0, 4) + Samples(10) + "TAG and more";

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

  EXPECT_EQ(clip.samples.size(), 10);
}

TEST(ParseWavTest, OpenSoundEndsBeforeTheChunksBehindIt) {
  for (const uint32_t size : {0u, 0xFFFFFFFFu}) {
    const std::string wav = "RIFF" + Le(0, 4) + "WAVE" + Format(1, 1, 16000, 16) + "data" +
                            Le(size, 4) + Samples(10) + "LIST" + Samples(10) +
                            Chunk("LIST", "INFOname") + Chunk("id3 ", "odd") + std::string(1, '\0');

    NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

    // A name without a size that fits is sound.
    EXPECT_EQ(clip.samples.size(), 22);
  }
}

TEST(ParseWavTest, SoundOfNoLengthBeforeOtherChunksIsEmpty) {
  for (const std::string& rest : {std::string(), Chunk("LIST", "abcd") + Chunk("id3 ", "ab")}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const WavClip clip, ParseWav(Wav(Format(1, 1, 16000, 16) + Chunk("data", "") + rest), "x"));

    EXPECT_EQ(clip.samples.size(), 0);
    EXPECT_EQ(clip.warning, "");
  }
}

TEST(ParseWavTest, SoundCutShortIsUsedWithAWarning) {
  const std::string whole = Wav(Format(1, 2, 16000, 16) + Chunk("data", Samples(200)));

  // Seven bytes are a frame and three quarters.
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(whole.substr(0, 44 + 7), "x"));

  EXPECT_EQ(clip.samples.size(), 1);
  EXPECT_EQ(clip.warning, "cut short: of 400 bytes of sound 7 are there");
  EXPECT_THAT(ParseWav(whole.substr(0, 44 + 3), "x.wav"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x.wav: cut short"));
}

TEST(ParseWavTest, UnusedBytesBehindTheSoundAreAWarning) {
  const std::string good = Wav(Format(1, 1, 16000, 16) + Chunk("data", Samples(4)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip odd, ParseWav(good + Samples(50), "x"));
  EXPECT_EQ(odd.samples.size(), 4);
  EXPECT_EQ(odd.warning, "100 bytes behind the sound are not used");

  for (const std::string& rest : {Chunk("LIST", "abcd"), std::string(30, '\0'),
                                  "TAG" + std::string(125, 'x'), std::string()}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(good + rest, "x"));
    EXPECT_EQ(clip.warning, "");
  }
}

TEST(ParseWavTest, BlockThatContradictsTheBits) {
  const auto format = [](int channels, int bits, int block) {
    return Chunk("fmt ", Le(1, 2) + Le(channels, 2) + Le(16000, 4) + Le(16000 * block, 4) +
                             Le(block, 2) + Le(bits, 2));
  };
  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip sloppy,
                              ParseWav(Wav(format(2, 16, 2) + Chunk("data", Samples(4))), "x"));
  EXPECT_EQ(sloppy.samples.size(), 2);
  EXPECT_EQ(sloppy.warning, "a block of 2 bytes is not 2 channels of 16 bits");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip none,
                              ParseWav(Wav(format(1, 16, 0) + Chunk("data", Samples(4))), "x"));
  EXPECT_EQ(none.warning, "");
  EXPECT_THAT(ParseWav(Wav(format(1, 24, 4) + Chunk("data", Samples(4))), "x.wav"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "x.wav: a block of 4 bytes is not 1 channels of 24 bits"));
}

TEST(ParseWavTest, ForgottenPaddingIsForgiven) {
  for (const std::string& padding : {std::string(), std::string(1, '\0'), std::string("p")}) {
    const std::string wav = Wav(Chunk("LIST", "abc") + padding + Format(1, 1, 16000, 16) +
                                Chunk("junk", "a") + padding + Chunk("data", Le(0x4000, 2)));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const WavClip clip, ParseWav(wav, "x"));

    EXPECT_THAT(clip.samples, ElementsAre(0.5f));
  }
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
        Wav(Chunk("data", "ab")), Wav(good_format + "data" + Le(100, 4) + "a"),
        Wav(Chunk("fmt ", "short") + Chunk("data", "ab")),
        Wav(Format(1, 0, 16000, 16) + Chunk("data", "ab")),
        Wav(Format(1, 1, 0, 16) + Chunk("data", "ab")),
        Wav(Format(1, 1, 4000000000u, 16) + Chunk("data", "ab")),
        Wav(std::string("junk") + Le(0xFFFFFFFF, 4) + "x")}) {
    EXPECT_THAT(ParseWav(bytes, "bad.wav"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
}

TEST(ParseWavTest, OtherCodecsNameTheCommandThatConverts) {
  struct Case {
    int codec;
    int bits;
    std::string name;
  };
  for (const Case& c : std::vector<Case>{{2, 4, "Microsoft ADPCM"},
                                         {6, 8, "A-law"},
                                         {7, 8, "mu-law"},
                                         {0x11, 4, "IMA ADPCM"},
                                         {0x55, 0, "MP3"},
                                         {1, 64, "PCM"},
                                         {3, 16, "float"},
                                         {1234, 8, "another codec"}}) {
    const auto clip =
        ParseWav(Wav(Format(c.codec, 1, 8000, c.bits) + Chunk("data", "ab")), "a.wav");

    EXPECT_THAT(clip, HasReason(absl::StatusCode::kUnimplemented, reason::kFileMalformed));
    EXPECT_THAT(clip, StatusIs(absl::StatusCode::kUnimplemented,
                               absl::StrCat("a.wav: ", c.name, " (WAV codec ", c.codec, " with ",
                                            c.bits, " bits) is not read")));
    EXPECT_THAT(clip,
                StatusIs(absl::StatusCode::kUnimplemented, "ffmpeg -i a.wav a-converted.wav"));
  }
}

TEST(ParseWavTest, OtherFormatsAreKnownByTheirContent) {
  for (const std::string& bytes :
       {std::string("ID3\x03\0", 5), std::string("\xFF\xFB\x90\x64"), std::string("fLaC"),
        std::string("OggS"), std::string("FORM....AIFF")}) {
    EXPECT_THAT(ParseWav(bytes, "a.wav"),
                StatusIs(absl::StatusCode::kUnimplemented, "ffmpeg -i a.wav a-converted.wav"));
  }
  EXPECT_THAT(ParseWav("\x89PNG", "a.wav"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                     "a.wav: the content is no sound but PNG"));
}

}  // namespace
}  // namespace niwaki::data
