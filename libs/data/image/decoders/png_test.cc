#include "libs/data/image/decoders/png.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
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

enum ColourType { kGrey = 0, kColour = 2, kPalette = 3, kGreyAlpha = 4, kColourAlpha = 6 };

SamplePng Png(int height, int width, int bits, ColourType type, std::vector<uint32_t> elements) {
  SamplePng png;
  png.height = height;
  png.width = width;
  png.bits = bits;
  png.colour_type = type;
  png.elements = std::move(elements);
  return png;
}

// One row of `count` elements from 0 on, `step` apart.
SamplePng GreyRow(int bits, int count, int step) {
  std::vector<uint32_t> elements;
  for (int i = 0; i < count; ++i) elements.push_back(i * step);
  return Png(1, count, bits, kGrey, elements);
}

std::vector<uint8_t> Pixels(const SamplePng& png) {
  const auto image = DecodePng(png.Encode(), "x.png");
  EXPECT_THAT(image, IsOk());
  if (!image.ok()) return {};
  EXPECT_EQ(image->height, png.height);
  EXPECT_EQ(image->width, png.width);
  EXPECT_EQ(image->warning, "");
  return image->pixels;
}

TEST(PngTest, SixteenBitsAreRoundedAfterDivisionBy257) {
  const std::vector<uint8_t> pixels = Pixels(GreyRow(16, 65536, 1));

  ASSERT_EQ(pixels.size(), 65536 * kRgb);
  for (int v = 0; v < 65536; ++v) {
    ASSERT_EQ(pixels[v * kRgb], std::lround(v / 257.0)) << v;
    ASSERT_EQ(pixels[v * kRgb + 2], pixels[v * kRgb]);
  }
}

TEST(PngTest, SixteenBitColoursAreRoundedToo) {
  EXPECT_THAT(Pixels(Png(1, 1, 16, kColour, {128, 129, 65535})), ElementsAre(0, 1, 255));
}

TEST(PngTest, SixteenBitsAreThePictureOfEightBits) {
  std::vector<uint32_t> narrow, wide;
  for (uint32_t v = 0; v < 256; ++v) {
    narrow.push_back(v);
    wide.push_back(v * 257);
  }

  EXPECT_EQ(Pixels(Png(16, 16, 8, kGrey, narrow)), Pixels(Png(16, 16, 16, kGrey, wide)));
}

TEST(PngTest, FewBitsAreStretched) {
  EXPECT_EQ(Pixels(GreyRow(1, 2, 1)), (std::vector<uint8_t>{0, 0, 0, 255, 255, 255}));
  for (const int bits : {2, 4, 8}) {
    const int count = 1 << bits;
    const std::vector<uint8_t> pixels = Pixels(GreyRow(bits, count, 1));

    ASSERT_EQ(pixels.size(), size_t{kRgb} * count);
    for (int v = 0; v < count; ++v) EXPECT_EQ(pixels[v * kRgb], v * 255 / (count - 1));
  }
}

TEST(PngTest, ChunksOfColourChangeNothing) {
  const std::string chromaticities =
      BigEndian(31270, 4) + BigEndian(32900, 4) + BigEndian(64000, 4) + BigEndian(33000, 4) +
      BigEndian(30000, 4) + BigEndian(60000, 4) + BigEndian(15000, 4) + BigEndian(6000, 4);
  const std::vector<std::string> chunks = {
      PngChunk("gAMA", BigEndian(100000, 4)),
      PngChunk("gAMA", BigEndian(45455, 4)) + PngChunk("cHRM", chromaticities),
      PngChunk("gAMA", BigEndian(22222, 4)),
      PngChunk("gAMA", BigEndian(0, 4)),
      PngChunk("sRGB", BigEndian(0, 1)),
      PngChunk("sRGB", BigEndian(9, 1)) + PngChunk("cHRM", "short"),
      PngChunk("iCCP", std::string("name\0\0damaged", 13)),
      PngChunk("sBIT", BigEndian(0x050505, 3)),
      PngChunk("bKGD", BigEndian(0xFFFFFFFFFFFF, 6)),
      PngChunk("tEXt", std::string("Comment\0text", 12))};
  for (const int bits : {8, 16}) {
    SamplePng png = Png(1, 1, bits, kColour, {0, 0, 0});
    for (int c = 0; c < kRgb; ++c) png.elements[c] = (30 + 70 * c) * (bits == 16 ? 257 : 1);
    for (const std::string& chunk : chunks) {
      png.chunks = chunk;

      EXPECT_THAT(Pixels(png), ElementsAre(30, 100, 170)) << chunk.substr(4, 4) << bits;
    }
  }
}

TEST(PngTest, PaletteIsLookedUp) {
  for (const int bits : {1, 2, 4, 8}) {
    SamplePng png = Png(1, 3, bits, kPalette, {1, 0, 1});
    png.chunks = PngChunk("PLTE", "\x0A\x14\x1E\x28\x32\x3C");

    EXPECT_THAT(Pixels(png), ElementsAre(40, 50, 60, 10, 20, 30, 40, 50, 60)) << bits;
  }
}

TEST(PngTest, TransparencyComesOutOverBlackWithoutGamma) {
  EXPECT_THAT(
      Pixels(Png(1, 3, 8, kColourAlpha, {200, 100, 50, 255, 200, 100, 50, 128, 9, 9, 9, 0})),
      ElementsAre(200, 100, 50, 100, 50, 25, 0, 0, 0));
  EXPECT_THAT(Pixels(Png(1, 2, 8, kGreyAlpha, {200, 64, 77, 255})),
              ElementsAre(50, 50, 50, 77, 77, 77));
  EXPECT_THAT(Pixels(Png(1, 1, 16, kGreyAlpha, {51400, 32768})), ElementsAre(100, 100, 100));
  SamplePng wide = Png(1, 1, 16, kColourAlpha, {65535, 257, 0, 65535});
  wide.chunks = PngChunk("gAMA", BigEndian(100000, 4));
  EXPECT_THAT(Pixels(wide), ElementsAre(255, 1, 0));
}

TEST(PngTest, TransparentColourComesOutBlack) {
  SamplePng palette = Png(1, 3, 8, kPalette, {0, 1, 2});
  palette.chunks = PngChunk("PLTE", "\x64\x64\x64\x50\x50\x50\x3C\x3C\x3C") +
                   PngChunk("tRNS", std::string("\x00\x80", 2));
  EXPECT_THAT(Pixels(palette), ElementsAre(0, 0, 0, 40, 40, 40, 60, 60, 60));
  SamplePng grey = Png(1, 2, 4, kGrey, {7, 8});
  grey.chunks = PngChunk("tRNS", BigEndian(7, 2));
  EXPECT_THAT(Pixels(grey), ElementsAre(0, 0, 0, 136, 136, 136));
  // Only the very value of 16 bits, not others that are the same in 8.
  SamplePng wide = Png(1, 2, 16, kGrey, {25700, 25701});
  wide.chunks = PngChunk("tRNS", BigEndian(25700, 2));
  EXPECT_THAT(Pixels(wide), ElementsAre(0, 0, 0, 100, 100, 100));
  SamplePng colour = Png(1, 2, 8, kColour, {1, 2, 3, 1, 2, 4});
  colour.chunks = PngChunk("tRNS", BigEndian(0x000100020003, 6));
  EXPECT_THAT(Pixels(colour), ElementsAre(0, 0, 0, 1, 2, 4));
}

TEST(PngTest, InterlacedIsTheSamePicture) {
  struct Flavour {
    int bits;
    ColourType type;
    int channels;
  };
  for (const Flavour& f : std::vector<Flavour>{{1, kGrey, 1},
                                               {4, kGrey, 1},
                                               {16, kGrey, 1},
                                               {8, kColour, 3},
                                               {16, kColour, 3},
                                               {8, kGreyAlpha, 2},
                                               {8, kColourAlpha, 4},
                                               {16, kColourAlpha, 4}}) {
    for (const int side : {1, 3, 13}) {
      SamplePng png = Png(side + 2, side, f.bits, f.type, {});
      for (int i = 0; i < (side + 2) * side * f.channels; ++i) {
        png.elements.push_back(i * 40503u & ((1u << f.bits) - 1));
      }
      const std::vector<uint8_t> plain = Pixels(png);
      png.interlaced = true;

      EXPECT_EQ(Pixels(png), plain) << f.bits << " bits, type " << f.type << ", side " << side;
    }
  }
}

TEST(PngTest, OrientationOfItsExifIsApplied) {
  SamplePng png = Png(1, 2, 8, kGrey, {10, 20});
  png.chunks = PngChunk("tEXt", std::string("a\0b", 3)) + PngChunk("eXIf", SampleExif(8, true));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodePng(png.Encode(), "x.png"));

  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.width, 1);
  EXPECT_THAT(image.pixels, ElementsAre(20, 20, 20, 10, 10, 10));
}

TEST(PngTest, DamagedExifIsIgnored) {
  SamplePng png = Png(1, 2, 8, kGrey, {10, 20});
  for (const std::string& exif : {std::string(), std::string("MM"), SampleExif(11, false)}) {
    png.chunks = PngChunk("eXIf", exif);

    EXPECT_THAT(Pixels(png), ElementsAre(10, 10, 10, 20, 20, 20));
  }
}

TEST(PngTest, CutShortOrDamagedIsMalformed) {
  const std::string good = GreyRow(8, 200, 1).Encode();
  // The closing chunk is not needed.
  for (size_t n = 4; n + 17 < good.size(); ++n) {
    EXPECT_THAT(DecodePng(good.substr(0, n), "cut.png"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << n;
  }
  std::string damaged = good;
  damaged[good.find("IDAT") + 30] ^= 0x55;
  EXPECT_THAT(DecodePng(damaged, "x.png"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
}

std::string WithSize(uint32_t height, uint32_t width) {
  SamplePng png = GreyRow(8, 4, 1);
  const std::string good = png.Encode();
  const std::string header =
      BigEndian(width, 4) + BigEndian(height, 4) + BigEndian(0x0800000000, 5);
  return good.substr(0, 8) + PngChunk("IHDR", header) + good.substr(33);
}

TEST(PngTest, AbsurdSizesAreRefused) {
  EXPECT_THAT(DecodePng(WithSize(65535, 65535), "x.png"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
  EXPECT_THAT(DecodePng(WithSize(7000, 7000), "x.png"),
              StatusIs(absl::StatusCode::kInvalidArgument, "cannot hold 7000x7000 pixels"));
  for (const uint32_t side : {0u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    EXPECT_FALSE(DecodePng(WithSize(side, side), "x.png").ok());
  }
}

}  // namespace
}  // namespace niwaki::data
