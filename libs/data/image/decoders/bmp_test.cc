#include "libs/data/image/decoders/bmp.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/image/decoders/raster.h"
#include "libs/data/image/decoders/sample_pictures.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// Black, red, green, white, as blue, green, red, 0; the rest of `colours` is grey.
std::string Palette(int colours, int entry_bytes = 4) {
  const uint32_t first[] = {0x000000, 0xFF0000, 0x00FF00, 0xFFFFFF};
  std::string out;
  for (int i = 0; i < colours; ++i) {
    out += LittleEndian(i < 4 ? first[i] : 0x010101 * i, entry_bytes);
  }
  return out;
}

SampleBmp Bmp(int height, int width, int bits, const std::string& data) {
  SampleBmp bmp;
  bmp.height = height;
  bmp.width = width;
  bmp.bits = bits;
  if (bits <= 8) bmp.palette = Palette(1 << bits);
  bmp.data = data;
  return bmp;
}

std::vector<uint8_t> Pixels(const SampleBmp& bmp) {
  const auto image = DecodeBmp(bmp.Encode(), "x.bmp");
  EXPECT_THAT(image, IsOk());
  if (!image.ok()) return {};
  EXPECT_EQ(image->height, std::abs(bmp.height));
  EXPECT_EQ(image->width, bmp.width);
  return image->pixels;
}

// The colours of Palette by index.
std::vector<uint8_t> Colours(const std::vector<int>& indices) {
  std::vector<uint8_t> out;
  for (const int i : indices) {
    const uint8_t grey = static_cast<uint8_t>(i);
    const std::vector<uint8_t> rgb = i == 0   ? std::vector<uint8_t>{0, 0, 0}
                                     : i == 1 ? std::vector<uint8_t>{255, 0, 0}
                                     : i == 2 ? std::vector<uint8_t>{0, 255, 0}
                                     : i == 3 ? std::vector<uint8_t>{255, 255, 255}
                                              : std::vector<uint8_t>{grey, grey, grey};
    out.insert(out.end(), rgb.begin(), rgb.end());
  }
  return out;
}

TEST(BmpTest, TwentyFourBitsRunFromBelow) {
  // Two rows of one pixel, each padded to four bytes.
  const std::string data("\x01\x02\x03\0\x04\x05\x06\0", 8);

  EXPECT_THAT(Pixels(Bmp(2, 1, 24, data)), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(Pixels(Bmp(-2, 1, 24, data)), ElementsAre(3, 2, 1, 6, 5, 4));
}

TEST(BmpTest, PalettesOfEveryDepthAreRead) {
  // 1 0 1 1 0 0 0 0 1, then padding.
  EXPECT_THAT(Pixels(Bmp(1, 9, 1, std::string("\xB0\x80\0\0", 4))),
              ElementsAreArray(Colours({1, 0, 1, 1, 0, 0, 0, 0, 1})));
  EXPECT_THAT(Pixels(Bmp(1, 5, 2, std::string("\x1B\xC0\0\0", 4))),
              ElementsAreArray(Colours({0, 1, 2, 3, 3})));
  EXPECT_THAT(Pixels(Bmp(1, 3, 4, std::string("\x1F\x20\0\0", 4))),
              ElementsAreArray(Colours({1, 15, 2})));
  EXPECT_THAT(Pixels(Bmp(1, 3, 8, std::string("\x03\xC8\x01\0", 4))),
              ElementsAreArray(Colours({3, 200, 1})));
}

TEST(BmpTest, HeaderOfOs2IsRead) {
  SampleBmp bmp = Bmp(1, 2, 8, std::string("\x02\x01\0\0", 4));
  bmp.header_bytes = 12;
  bmp.palette = Palette(256, 3);

  EXPECT_THAT(Pixels(bmp), ElementsAreArray(Colours({2, 1})));

  // Fewer colours than the depth allows.
  bmp.palette = Palette(3, 3);
  EXPECT_THAT(Pixels(bmp), ElementsAreArray(Colours({2, 1})));
}

TEST(BmpTest, LaterHeadersOfWindowsAreRead) {
  for (const int header_bytes : {52, 56, 64, 108, 124}) {
    SampleBmp bmp = Bmp(1, 1, 24, std::string("\x01\x02\x03\0", 4));
    bmp.header_bytes = header_bytes;

    EXPECT_THAT(Pixels(bmp), ElementsAre(3, 2, 1)) << header_bytes;
  }
}

TEST(BmpTest, FiveAndSixBitsAreStretched) {
  for (uint32_t v = 0; v < 32; ++v) {
    const auto want = static_cast<uint8_t>(std::lround(v * 255 / 31.0));
    // Red, then blue; the highest bit means nothing.
    EXPECT_THAT(Pixels(Bmp(1, 2, 16, LittleEndian(v << 10 | 0x8000, 2) + LittleEndian(v, 2))),
                ElementsAre(want, 0, 0, 0, 0, want));
  }
  for (uint32_t v = 0; v < 64; ++v) {
    SampleBmp bmp = Bmp(1, 1, 16, LittleEndian(v << 5, 4));
    bmp.packing = 3;
    bmp.masks = {0xF800, 0x07E0, 0x001F};

    EXPECT_THAT(Pixels(bmp), ElementsAre(0, std::lround(v * 255 / 63.0), 0));
  }
}

TEST(BmpTest, FourthByteWithoutAMaskMeansNothing) {
  EXPECT_THAT(Pixels(Bmp(1, 2, 32, "\x01\x02\x03" + std::string(1, '\0') + "\x04\x05\x06\xFF")),
              ElementsAre(3, 2, 1, 6, 5, 4));
}

TEST(BmpTest, MasksOfAnyPlaceAreRead) {
  SampleBmp bmp = Bmp(1, 1, 32, LittleEndian(0x11223344, 4));
  bmp.packing = 3;
  bmp.masks = {0x000000FF, 0x0000FF00, 0x00FF0000};
  EXPECT_THAT(Pixels(bmp), ElementsAre(0x44, 0x33, 0x22));

  // Ten bits each.
  bmp.masks = {0x3FF00000, 0x000FFC00, 0x000003FF};
  bmp.data = LittleEndian(1023u << 20 | 512u << 10 | 1, 4);
  EXPECT_THAT(Pixels(bmp), ElementsAre(255, 128, 0));
}

TEST(BmpTest, AlphaWithAMaskComesOutOverBlackUnlessAllIsZero) {
  SampleBmp bmp = Bmp(1, 2, 32, LittleEndian(0x80C86432, 4) + LittleEndian(0xFF010203, 4));
  bmp.header_bytes = 108;
  bmp.packing = 3;
  bmp.masks = {0xFF0000, 0xFF00, 0xFF, 0xFF000000};
  EXPECT_THAT(Pixels(bmp), ElementsAre(100, 50, 25, 1, 2, 3));

  bmp.data = LittleEndian(0x00C86432, 4) + LittleEndian(0x00010203, 4);
  EXPECT_THAT(Pixels(bmp), ElementsAre(200, 100, 50, 1, 2, 3));
}

TEST(BmpTest, RunsOfEightBitsAreRead) {
  SampleBmp bmp = Bmp(3, 5, 8, "");
  bmp.packing = 1;
  // Lowest row: 3 x 1, then 2 and 3 one by one. Then one pixel to the right and one row up: 2 x 7.
  bmp.data = std::string("\x03\x01\x00\x03\x02\x03\x09\0", 8) + std::string("\0\0", 2) +
             std::string("\0\x02\x01\x01", 4) + "\x02\x07" + std::string("\0\x01", 2);

  // The colours one by one are three, and the last of them is beyond the row.
  EXPECT_THAT(Pixels(bmp), ElementsAreArray(Colours({0, 7, 7, 0, 0,  //
                                                     0, 0, 0, 0, 0,  //
                                                     1, 1, 1, 2, 3})));
}

TEST(BmpTest, RunsOfFourBitsAreRead) {
  SampleBmp bmp = Bmp(1, 9, 4, "");
  bmp.packing = 2;
  // 5 pixels of 1 and 2 in turn, then 3, 4, 5 one by one, padded, then 1 of 6.
  bmp.data = "\x05\x12" + std::string("\0\x03\x34\x50", 4) + "\x01\x60" + std::string("\0\x01", 2);

  EXPECT_THAT(Pixels(bmp), ElementsAreArray(Colours({1, 2, 1, 2, 1, 3, 4, 5, 6})));
}

TEST(BmpTest, RunsWithoutAnEndMarkMustBeWhole) {
  SampleBmp bmp = Bmp(2, 2, 8, "\x02\x01" + std::string("\0\0", 2) + "\x02\x03");
  bmp.packing = 1;
  EXPECT_THAT(Pixels(bmp), ElementsAreArray(Colours({3, 3, 1, 1})));

  bmp.data = "\x02\x01";
  EXPECT_THAT(DecodeBmp(bmp.Encode(), "x.bmp"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x.bmp: cut short: 0 of 2 rows"));
}

TEST(BmpTest, OnlyThePaddingOfTheLastRowMayBeMissing) {
  const std::string good = Bmp(2, 1, 24, std::string("\x01\x02\x03\0\x04\x05\x06\0", 8)).Encode();

  EXPECT_THAT(DecodeBmp(good.substr(0, good.size() - 1), "x.bmp"), IsOk());
  for (size_t n = 0; n + 1 < good.size(); ++n) {
    EXPECT_THAT(DecodeBmp(good.substr(0, n), "x.bmp"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << n;
  }
}

TEST(BmpTest, ColourBeyondThePaletteIsMalformed) {
  SampleBmp bmp = Bmp(1, 2, 8, std::string("\x02\x09\0\0", 4));
  bmp.palette = Palette(5);
  bmp.colours = 5;

  EXPECT_THAT(DecodeBmp(bmp.Encode(), "x.bmp"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x.bmp: colour 9 of a palette of 5"));
}

TEST(BmpTest, HostileHeadersAreMalformed) {
  std::vector<SampleBmp> cases(8, Bmp(1, 1, 24, "abcd"));
  cases[0].bits = 7;
  cases[1].header_bytes = 13;
  cases[2].header_bytes = 5000;
  cases[3].width = 0;
  cases[4].width = -1;
  cases[5] = Bmp(1, 1, 16, "abcd");
  cases[5].packing = 3;
  cases[5].masks = {0xF800, 0xFFE0, 0x1F};
  cases[6] = cases[5];
  cases[6].masks = {0xF000, 0x0B00, 0x1F};
  cases[7] = cases[5];
  cases[7].masks = {0x1F0000, 0xFC0, 0x1F};
  for (const SampleBmp& bmp : cases) {
    EXPECT_THAT(DecodeBmp(bmp.Encode(), "x.bmp"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
}

TEST(BmpTest, AbsurdSizesAreResourceExhausted) {
  for (const int side : {8001, 2147483647, -2147483647 - 1}) {
    SampleBmp bmp = Bmp(side, 8001, 8, "");
    bmp.packing = 1;

    EXPECT_THAT(DecodeBmp(bmp.Encode(), "x.bmp"),
                HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  }
}

TEST(BmpTest, OtherPackingsNameTheCommandThatConverts) {
  // A JPEG, a PNG, runs of the wrong depth.
  for (const int packing : {4, 5, 2, 99}) {
    SampleBmp bmp = Bmp(1, 1, 24, "abcd");
    bmp.packing = packing;

    EXPECT_THAT(
        DecodeBmp(bmp.Encode(), "x.bmp"),
        StatusIs(absl::StatusCode::kUnimplemented, "this converts it: convert 'x.bmp[0]' x.png"));
  }
}

}  // namespace
}  // namespace niwaki::data
