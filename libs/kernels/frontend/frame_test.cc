#include "libs/kernels/frontend/frame.h"

#include <cstdint>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<int8_t> InputOf(const nw_frame& frame, const nw_frame_target& target) {
  std::vector<float> scratch(NW_FRAME_SCRATCH_BYTES(frame.height, frame.width, target.height,
                                                    target.width, target.channels) /
                             sizeof(float));
  std::vector<int8_t> input(target.height * target.width * target.channels);
  EXPECT_EQ(nw_frame_input(&frame, &target, scratch.data(), input.data()), 0);
  return input;
}

// A byte as it lies in an int8 input without levels.
int8_t Byte(int value) { return static_cast<int8_t>(static_cast<uint8_t>(value)); }

TEST(FrameTest, FrameOfTheInputsSizeIsCopiedThroughItsLevels) {
  const std::vector<uint8_t> pixels = {10, 20, 30, 40, 50, 60};
  std::vector<int8_t> levels(3 * 256);
  for (int c = 0; c < 3; ++c) {
    for (int byte = 0; byte < 256; ++byte) levels[256 * c + byte] = Byte(byte / 2 - 100 * c / 2);
  }
  const nw_frame frame = {NW_RGB888, 1, 2, 6, pixels.data()};
  EXPECT_THAT(InputOf(frame, {1, 2, 3, levels.data()}),
              ElementsAre(5, 10 - 50, 15 - 100, 20, 25 - 50, 30 - 100));
  EXPECT_THAT(InputOf(frame, {1, 2, 3, nullptr}), ElementsAre(10, 20, 30, 40, 50, 60));
}

TEST(FrameTest, FiveAndSixBitsSpanTheWholeByte) {
  const std::vector<uint8_t> low_first = {0xFF, 0xFF, 0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00};
  const std::vector<uint8_t> high_first = {0xFF, 0xFF, 0xF8, 0x00, 0x07, 0xE0, 0x00, 0x1F};
  const int8_t full = Byte(255);
  for (const nw_frame& frame : {nw_frame{NW_RGB565, 1, 4, 8, low_first.data()},
                                nw_frame{NW_RGB565_HIGH_FIRST, 1, 4, 8, high_first.data()}}) {
    EXPECT_THAT(InputOf(frame, {1, 4, 3, nullptr}),
                ElementsAre(full, full, full, full, 0, 0, 0, full, 0, 0, 0, full));
  }
}

TEST(FrameTest, GreyFillsAllChannelsAndColoursBecomeLuma) {
  const std::vector<uint8_t> grey = {7};
  EXPECT_THAT(InputOf({NW_GREY, 1, 1, 1, grey.data()}, {1, 1, 3, nullptr}), ElementsAre(7, 7, 7));
  const std::vector<uint8_t> red = {100, 0, 0};
  EXPECT_THAT(InputOf({NW_RGB888, 1, 1, 3, red.data()}, {1, 1, 1, nullptr}), ElementsAre(30));
}

TEST(FrameTest, WideFrameIsCutAroundItsCentreAndRowsMayHaveGaps) {
  // Two rows of six grey pixels and two bytes between them; the middle two columns are 90.
  const std::vector<uint8_t> pixels = {1, 1, 90, 90, 1, 1, 0, 0, 1, 1, 90, 90, 1, 1, 0, 0};
  EXPECT_THAT(InputOf({NW_GREY, 2, 6, 8, pixels.data()}, {2, 2, 1, nullptr}), Each(90));
  EXPECT_THAT(InputOf({NW_GREY, 2, 6, 8, pixels.data()}, {1, 1, 1, nullptr}), Each(90));
  EXPECT_THAT(InputOf({NW_GREY, 2, 6, 8, pixels.data()}, {8, 8, 1, nullptr}), Each(90));
  const nw_crop crop = nw_centre_crop(480, 640, 96, 96);
  EXPECT_EQ(crop.left, 80);
  EXPECT_EQ(crop.columns, 480);
  EXPECT_EQ(nw_centre_crop(640, 480, 96, 128).rows, 360);
}

// One row is left of it, which every row of the input is made of.
TEST(FrameTest, TallFrameStaysInItsScratchMemory) {
  const std::vector<uint8_t> pixels(400, 9);
  const nw_frame frame = {NW_GREY, 400, 1, 1, pixels.data()};
  const nw_frame_target target = {8, 8, 1, nullptr};
  constexpr float kGuard = 1234.5f;
  const size_t floats = NW_FRAME_SCRATCH_BYTES(400, 1, 8, 8, 1) / sizeof(float);
  std::vector<float> scratch(floats + 400, kGuard);
  std::vector<int8_t> input(64);
  EXPECT_EQ(nw_frame_input(&frame, &target, scratch.data(), input.data()), 0);
  EXPECT_THAT(input, Each(9));
  EXPECT_THAT(std::vector<float>(scratch.begin() + floats, scratch.end()), Each(kGuard));
}

TEST(FrameTest, FramesOfAbsurdSizesAreRefused) {
  std::vector<float> scratch(100);
  int8_t input[16];
  const uint8_t pixels[64] = {};
  const nw_frame_target target = {2, 2, 1, nullptr};
  const auto refused = [&](const nw_frame& frame, const nw_frame_target& to) {
    return nw_frame_input(&frame, &to, scratch.data(), input) == -1;
  };
  EXPECT_FALSE(refused({NW_GREY, 2, 2, 2, pixels}, target));
  EXPECT_TRUE(refused({NW_GREY, 0, 2, 2, pixels}, target));
  EXPECT_TRUE(refused({NW_GREY, 2, -1, 2, pixels}, target));
  EXPECT_TRUE(refused({NW_GREY, NW_FRAME_MAX_SIDE + 1, 2, 2, pixels}, target));
  EXPECT_TRUE(refused({NW_RGB888, 2, 2, 5, pixels}, target));
  EXPECT_TRUE(refused({NW_GREY, 2, 2, 2, nullptr}, target));
  EXPECT_TRUE(refused({static_cast<nw_pixels>(7), 2, 2, 2, pixels}, target));
  EXPECT_TRUE(refused({NW_GREY, 2, 2, 2, pixels}, {2, 2, 2, nullptr}));
  EXPECT_TRUE(refused({NW_GREY, 2, 2, 2, pixels}, {0, 2, 1, nullptr}));
}

int BytesOfPixel(nw_pixels pixels) { return pixels == NW_RGB888 ? 3 : pixels == NW_GREY ? 1 : 2; }

// Odd sides, single pixels, rows and columns, with gaps between rows: nothing beyond the scratch
// memory, the input and the frame's last pixel is touched (the sanitizers see that), and one colour
// stays that colour.
TEST(FrameTest, FramesOfEverySizeBecomeInputs) {
  const uint8_t white = 255;
  for (const nw_pixels pixels : {NW_RGB888, NW_RGB565, NW_RGB565_HIGH_FIRST, NW_GREY}) {
    for (const int height : {1, 2, 3, 7, 33}) {
      for (const int width : {1, 2, 5, 31}) {
        for (const int side : {1, 3, 8}) {
          for (const int channels : {1, 3}) {
            const int row_bytes = BytesOfPixel(pixels) * width + 3;
            // The last row has no gap.
            const std::vector<uint8_t> bytes(row_bytes * height - 3, white);
            const nw_frame frame = {pixels, height, width, row_bytes, bytes.data()};
            EXPECT_THAT(InputOf(frame, {side, side + 1, channels, nullptr}), Each(Byte(255)))
                << pixels << ", " << height << " x " << width << " to " << side;
          }
        }
      }
    }
  }
}

TEST(FrameTest, OddRowsOfTwoByteColoursAreReadFromTheirBeginning) {
  // Three pixels a row and a byte between rows: red, green, blue; then the reverse.
  const std::vector<uint8_t> pixels = {0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00, 0xAA,
                                       0x1F, 0x00, 0xE0, 0x07, 0x00, 0xF8};
  const int8_t full = Byte(255);
  EXPECT_THAT(InputOf({NW_RGB565, 2, 3, 7, pixels.data()}, {2, 3, 3, nullptr}),
              ElementsAre(full, 0, 0, 0, full, 0, 0, 0, full, 0, 0, full, 0, full, 0, full, 0, 0));
}

TEST(FrameTest, LongestSidesAreRefusedBeforeTheyAreRead) {
  std::vector<float> scratch(100);
  int8_t input[4];
  const uint8_t pixel[4] = {};
  const nw_frame_target target = {2, 2, 1, nullptr};
  for (const nw_frame& frame :
       {nw_frame{NW_GREY, INT32_MAX, INT32_MAX, INT32_MAX, pixel},
        nw_frame{NW_RGB888, 1, INT32_MAX, INT32_MAX, pixel},
        nw_frame{NW_RGB565, INT32_MIN, 1, 2, pixel},
        nw_frame{NW_RGB888, 1, NW_FRAME_MAX_SIDE, 3 * NW_FRAME_MAX_SIDE - 1, pixel},
        nw_frame{NW_GREY, 2, 2, -2, pixel}}) {
    EXPECT_EQ(nw_frame_input(&frame, &target, scratch.data(), input), -1);
  }
}

// The bytes of a frame, of one machine and of all others.
TEST(FrameTest, ResizedFrameHasTheseBytes) {
  std::vector<uint8_t> pixels(48 * 61 * 2);
  uint32_t state = 1;
  for (uint8_t& pixel : pixels) {
    state = state * 1664525u + 1013904223u;
    pixel = static_cast<uint8_t>(state >> 24);
  }
  uint64_t hash = 14695981039346656037u;
  for (const int side : {10, 32, 70}) {
    for (const int8_t level :
         InputOf({NW_RGB565, 48, 61, 122, pixels.data()}, {side, side, 3, nullptr})) {
      hash = (hash ^ static_cast<uint8_t>(level)) * 1099511628211u;
    }
  }
  EXPECT_EQ(hash, UINT64_C(2241661055950886234));
}

}  // namespace
