// The frames of the firmware's C against those of the host.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/crc32.h"
#include "libs/base/random.h"
#include "libs/board/firmware/frame.h"
#include "libs/board/protocol/frame.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;

const Frame kFrame = {4, 0x2A0003, "payload"};

struct Received {
  std::vector<Frame> frames;
  std::string text;
};

Received Receive(nw_frame_reader& reader, absl::string_view bytes) {
  Received received;
  for (const char byte : bytes) {
    if (nw_frame_push(&reader, static_cast<uint8_t>(byte)) == 0) received.text.push_back(byte);
    nw_frame frame;
    while (nw_frame_next(&reader, &frame) != 0) {
      received.frames.push_back(
          {frame.type, frame.sequence,
           std::string(reinterpret_cast<const char*>(frame.payload), frame.size)});
    }
  }
  return received;
}

std::string Finished(const Frame& frame) {
  std::string bytes(kFrameOverheadBytes + frame.payload.size(), '\0');
  bytes.replace(kFrameHeaderBytes, frame.payload.size(), frame.payload);
  EXPECT_EQ(nw_frame_finish(reinterpret_cast<uint8_t*>(bytes.data()), frame.type, frame.sequence,
                            static_cast<uint32_t>(frame.payload.size())),
            bytes.size());
  return bytes;
}

TEST(FirmwareFrameTest, BytesAreTheHosts) {
  EXPECT_EQ(Finished(kFrame), EncodeFrame(kFrame));
  EXPECT_EQ(Finished({0xFF, 0xFFFFFFFF, std::string(NW_FRAME_PAYLOAD, '\xE7')}),
            EncodeFrame({0xFF, 0xFFFFFFFF, std::string(NW_FRAME_PAYLOAD, '\xE7')}));
}

TEST(FirmwareFrameTest, CheckIsTheHosts) {
  const std::string text = "123456789";
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  EXPECT_EQ(nw_crc32(bytes, 9, 0), 0xCBF43926u);
  EXPECT_EQ(nw_crc32(bytes + 4, 5, nw_crc32(bytes, 4, 0)), Crc32(text));
}

TEST(FirmwareFrameTest, TextBetweenFramesIsText) {
  nw_frame_reader reader = {};
  const Received received =
      Receive(reader, absl::StrCat("name%", EncodeFrame(kFrame), "db 00%", EncodeFrame(kFrame)));
  EXPECT_THAT(received.frames, ElementsAre(kFrame, kFrame));
  EXPECT_EQ(received.text, "name%db 00%");
  EXPECT_EQ(reader.dropped, 0u);
}

TEST(FirmwareFrameTest, BrokenFrameIsNoTextAndHidesNoOther) {
  for (size_t at = 0; at < EncodeFrame(kFrame).size(); ++at) {
    std::string broken = EncodeFrame(kFrame);
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    nw_frame_reader reader = {};
    const Received received = Receive(
        reader, absl::StrCat(broken, EncodeFrame(kFrame), std::string(NW_FRAME_BYTES, '\0')));
    EXPECT_THAT(received.frames, ElementsAre(kFrame)) << at;
  }
}

TEST(FirmwareFrameTest, ZerosEndAFrameThatIsCut) {
  const std::string cut = EncodeFrame({3, 9, std::string(NW_FRAME_PAYLOAD, 'x')}).substr(0, 20);
  nw_frame_reader reader = {};
  const Received received =
      Receive(reader, absl::StrCat(cut, std::string(NW_FRAME_BYTES, '\0'), EncodeFrame(kFrame)));
  EXPECT_THAT(received.frames, ElementsAre(kFrame));
}

TEST(FirmwareFrameTest, LongerFramesAreNotTaken) {
  nw_frame_reader reader = {};
  const Frame longer = {3, 9, std::string(NW_FRAME_PAYLOAD + 1, 'x')};
  const Received received = Receive(reader, absl::StrCat(EncodeFrame(longer), EncodeFrame(kFrame)));
  EXPECT_THAT(received.frames, ElementsAre(kFrame));
}

TEST(FirmwareFrameTest, BothFindTheSameInNoise) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  Random random(kSeed);
  nw_frame_reader reader = {};
  FrameDecoder decoder(NW_FRAME_PAYLOAD);
  std::vector<Frame> host, firmware;
  for (int i = 0; i < 500; ++i) {
    std::string bytes = EncodeFrame({static_cast<uint8_t>(i), static_cast<uint32_t>(i),
                                     std::string(random.Uniform(90), static_cast<char>(i))});
    const uint64_t kind = random.Uniform(8);
    const size_t at = random.Uniform(bytes.size());
    if (kind == 0) bytes.erase(at, 1);
    if (kind == 1) bytes.insert(at, 1, bytes[at]);
    if (kind == 2) bytes[at] = static_cast<char>(random.Uniform(256));
    decoder.Push(bytes, host);
    for (const Frame& frame : Receive(reader, bytes).frames) firmware.push_back(frame);
  }
  EXPECT_EQ(host, firmware);
  EXPECT_GT(host.size(), 200u);
}

}  // namespace
}  // namespace niwaki::board
