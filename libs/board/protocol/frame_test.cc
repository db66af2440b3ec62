#include "libs/board/protocol/frame.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Of FRAME.md.
const std::string kRun = absl::HexStringToBytes("e79d010403002a00010051f7019abe468d");
const Frame kRunFrame = {4, 0x2A0003, std::string("\1")};
const std::string kReset = absl::HexStringToBytes("e79d01020100000000007b1db4e7d941");
const Frame kResetFrame = {2, 1, ""};

std::vector<Frame> Decode(FrameDecoder& decoder, absl::string_view bytes) {
  std::vector<Frame> frames;
  decoder.Push(bytes, frames);
  return frames;
}

std::vector<Frame> GiveUp(FrameDecoder& decoder) {
  std::vector<Frame> frames;
  decoder.GiveUp(frames);
  return frames;
}

// A frame that says another length, with a header that checks.
std::string LongFrame(size_t bytes) { return EncodeFrame({1, 5, std::string(bytes, 'x')}); }

TEST(FrameTest, BytesAreThoseOfTheDocument) {
  EXPECT_EQ(absl::BytesToHexString(EncodeFrame(kRunFrame)), absl::BytesToHexString(kRun));
  EXPECT_EQ(absl::BytesToHexString(EncodeFrame(kResetFrame)), absl::BytesToHexString(kReset));
}

TEST(FrameTest, PiecesOfAnySizeGiveTheSameFrames) {
  const std::string stream =
      absl::StrCat("m-ready\r\n", kRun, LongFrame(kMaxPayloadBytes), "text", kReset);
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}, stream.size()}) {
    FrameDecoder decoder;
    std::vector<Frame> frames;
    for (size_t at = 0; at < stream.size(); at += piece) {
      decoder.Push(absl::string_view(stream).substr(at, piece), frames);
    }
    EXPECT_THAT(frames, ElementsAre(kRunFrame, Frame{1, 5, std::string(kMaxPayloadBytes, 'x')},
                                    kResetFrame));
    EXPECT_EQ(decoder.counts().skipped_bytes, 13);
    EXPECT_EQ(decoder.counts().broken(), 0);
    EXPECT_EQ(decoder.waiting_bytes(), 0);
  }
}

TEST(FrameTest, EveryCorruptByteIsFoundAndTheNextFrameToo) {
  for (size_t at = 0; at < kRun.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string broken = kRun;
      broken[at] = static_cast<char>(broken[at] ^ flip);
      FrameDecoder decoder;
      std::vector<Frame> frames = Decode(decoder, absl::StrCat(broken, kReset));
      decoder.GiveUp(frames);
      EXPECT_THAT(frames, ElementsAre(kResetFrame)) << at;
      EXPECT_EQ(decoder.counts().skipped_bytes, static_cast<int64_t>(kRun.size())) << at;
    }
  }
}

TEST(FrameTest, EveryDroppedAndDoubledByteIsFoundAndTheNextFrameToo) {
  for (size_t at = 0; at < kRun.size(); ++at) {
    std::string dropped = kRun;
    dropped.erase(at, 1);
    FrameDecoder decoder;
    std::vector<Frame> frames = Decode(decoder, absl::StrCat(dropped, kReset));
    decoder.GiveUp(frames);
    EXPECT_THAT(frames, ElementsAre(kResetFrame)) << at;

    std::string doubled = kRun;
    doubled.insert(at, 1, doubled[at]);
    FrameDecoder other;
    frames = Decode(other, absl::StrCat(doubled, kReset));
    other.GiveUp(frames);
    // A sync byte or the last byte before the frame's end may double without harm.
    EXPECT_EQ(frames.back(), kResetFrame) << at;
    EXPECT_GT(other.counts().skipped_bytes, 0) << at;
  }
}

TEST(FrameTest, FrameThatIsCutSwallowsNothingInTheEnd) {
  const std::string cut = LongFrame(300).substr(0, 100);
  FrameDecoder decoder;
  EXPECT_THAT(Decode(decoder, absl::StrCat(cut, kRun)), IsEmpty());
  EXPECT_EQ(decoder.waiting_bytes(), cut.size() + kRun.size());
  EXPECT_THAT(GiveUp(decoder), ElementsAre(kRunFrame));
  EXPECT_EQ(decoder.counts().broken_frames, 1);
  EXPECT_EQ(decoder.counts().skipped_bytes, 100);

  // Zeros do the same for a receiver without a clock.
  FrameDecoder other;
  EXPECT_THAT(Decode(other, absl::StrCat(cut, kRun, std::string(300, '\0'))),
              ElementsAre(kRunFrame));
}

TEST(FrameTest, WhatDoesNotFitIsCounted) {
  FrameDecoder decoder(600);
  EXPECT_THAT(Decode(decoder, absl::StrCat(LongFrame(601), kRun)), ElementsAre(kRunFrame));
  EXPECT_EQ(decoder.counts().too_long, 1);
  // Version 2, with a header that checks.
  const std::string other = absl::HexStringToBytes("e79d0204030000000000ffff");
  FrameDecoder versions;
  Decode(versions, other);
  EXPECT_EQ(versions.counts().broken_headers, 1);
}

TEST(FrameTest, OtherLayoutVersionIsNoFrame) {
  // The bytes of a RESET frame but for the version and the header's check, which is right.
  FrameDecoder decoder;
  std::vector<Frame> frames;
  for (int check = 0; check < 0x10000 && decoder.counts().other_versions == 0; ++check) {
    std::string bytes = kReset;
    bytes[2] = 2;
    bytes[10] = static_cast<char>(check);
    bytes[11] = static_cast<char>(check >> 8);
    decoder.Push(bytes, frames);
    decoder.GiveUp(frames);
  }
  EXPECT_EQ(decoder.counts().other_versions, 1);
  EXPECT_THAT(frames, IsEmpty());
}

TEST(FrameTest, NoiseNeverKeepsMoreThanOneFrame) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  FrameDecoder decoder(kMinPayloadLimit);
  std::vector<Frame> frames;
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (uint64_t n = random.Uniform(64); n > 0; --n) {
      bytes.push_back(static_cast<char>(random.Uniform(4) == 0 ? 0xE7 : random.Uniform(256)));
    }
    if (random.Uniform(8) == 0) bytes += LongFrame(random.Uniform(700)).substr(0, 200);
    decoder.Push(bytes, frames);
    EXPECT_LE(decoder.waiting_bytes(), kFrameOverheadBytes + kMinPayloadLimit);
  }
  decoder.GiveUp(frames);
  decoder.Push(kRun, frames);
  EXPECT_EQ(frames.back(), kRunFrame);
}

}  // namespace
}  // namespace niwaki::board
