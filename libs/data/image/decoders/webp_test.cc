#include "libs/data/image/decoders/webp.h"

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

SampleWebp Slope(int height, int width) {
  SampleWebp webp;
  webp.height = height;
  webp.width = width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      webp.pixels.push_back(static_cast<uint8_t>(250 * x / width));
      webp.pixels.push_back(static_cast<uint8_t>(250 * y / height));
      webp.pixels.push_back(120);
      webp.pixels.push_back(255);
    }
  }
  return webp;
}

TEST(WebpTest, LosslessIsExact) {
  const SampleWebp webp = Slope(13, 17);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeWebp(webp.Encode(), "x.webp"));

  EXPECT_EQ(image.height, 13);
  EXPECT_EQ(image.width, 17);
  ASSERT_EQ(image.pixels.size(), size_t{13} * 17 * kRgb);
  for (int i = 0; i < 13 * 17; ++i) {
    for (int c = 0; c < kRgb; ++c) EXPECT_EQ(image.pixels[i * 3 + c], webp.pixels[i * 4 + c]);
  }
}

TEST(WebpTest, LossyIsClose) {
  SampleWebp webp = Slope(32, 48);
  webp.quality = 95;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeWebp(webp.Encode(), "x.webp"));

  ASSERT_EQ(image.pixels.size(), size_t{32} * 48 * kRgb);
  for (int i = 0; i < 32 * 48; ++i) {
    for (int c = 0; c < kRgb; ++c) EXPECT_NEAR(image.pixels[i * 3 + c], webp.pixels[i * 4 + c], 16);
  }
}

TEST(WebpTest, TransparencyComesOutOverBlack) {
  SampleWebp webp;
  webp.height = 1;
  webp.width = 3;
  webp.pixels = {200, 100, 50, 255, 200, 100, 50, 128, 9, 9, 9, 0};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeWebp(webp.Encode(), "x.webp"));

  EXPECT_THAT(image.pixels, ElementsAre(200, 100, 50, 100, 50, 25, 0, 0, 0));
}

TEST(WebpTest, OrientationOfItsExifIsApplied) {
  SampleWebp webp = Slope(2, 3);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeWebp(webp.Encode(), "x.webp"));
  // With and without the prefix that JPEG has.
  for (const std::string& prefix : {std::string(), std::string("Exif\0\0", 6)}) {
    webp.exif = prefix + SampleExif(6, false);

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeWebp(webp.Encode(), "x.webp"));

    EXPECT_EQ(image.height, 3);
    EXPECT_EQ(image.width, 2);
    // The stored top left is now top right.
    for (int c = 0; c < kRgb; ++c) EXPECT_EQ(image.pixels[kRgb + c], flat.pixels[c]);
  }
  webp.exif = "damaged";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeWebp(webp.Encode(), "x.webp"));
  EXPECT_EQ(image.pixels, flat.pixels);
}

TEST(WebpTest, CutShortIsMalformed) {
  for (const float quality : {101.0f, 80.0f}) {
    SampleWebp webp = Slope(40, 40);
    webp.quality = quality;
    const std::string good = webp.Encode();
    for (size_t n = 12; n + 8 < good.size(); ++n) {
      EXPECT_THAT(DecodeWebp(good.substr(0, n), "cut.webp"),
                  HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
          << n << " of " << good.size();
    }
  }
}

TEST(WebpTest, AnimationNamesTheCommandThatConverts) {
  SampleWebp webp = Slope(4, 4);
  webp.animated = true;

  EXPECT_THAT(DecodeWebp(webp.Encode(), "x.webp"),
              StatusIs(absl::StatusCode::kUnimplemented, "convert 'x.webp[0]' x.png"));
}

TEST(WebpTest, AbsurdSizeIsResourceExhausted) {
  std::string webp = Slope(4, 4).Encode();
  // The size of a lossless picture is 14 bits each, behind its signature.
  const size_t at = webp.find("VP8L") + 9;
  for (int k = 0; k < 3; ++k) webp[at + k] = '\xFF';
  webp[at + 3] = static_cast<char>(webp[at + 3] | 0x0F);

  EXPECT_THAT(DecodeWebp(webp, "x.webp"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

}  // namespace
}  // namespace niwaki::data
