#include "libs/data/image/image.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/image/decoders/raster.h"
#include "libs/data/image/decoders/sample_pictures.h"
#include "libs/data/image/encode_images.h"

namespace niwaki::data {
namespace {

TEST(DecodeImageTest, PngIsExact) {
  const Image image = Gradient(13, 17);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image back, DecodeImage(EncodePng(image), "x.png"));

  EXPECT_EQ(back.height, 13);
  EXPECT_EQ(back.width, 17);
  EXPECT_EQ(back.pixels, image.pixels);
}

TEST(DecodeImageTest, JpegIsClose) {
  const Image image = Gradient(40, 24);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image back, DecodeImage(EncodeJpeg(image), "x.jpg"));

  ASSERT_EQ(back.pixels.size(), image.pixels.size());
  for (size_t i = 0; i < back.pixels.size(); ++i) {
    EXPECT_NEAR(back.pixels[i], image.pixels[i], 16) << i;
  }
}

TEST(DecodeImageTest, ContentDecidesNotTheName) {
  const Image image = Gradient(4, 3);
  SampleBmp bmp;
  bmp.height = -4;
  bmp.width = 3;
  SampleWebp webp;
  webp.height = 4;
  webp.width = 3;
  for (int i = 0; i < 12; ++i) {
    const uint8_t* rgb = image.pixels.data() + i * kRgb;
    for (const uint8_t v : {rgb[2], rgb[1], rgb[0]}) bmp.data.push_back(static_cast<char>(v));
    if (i % 3 == 2) bmp.data.append(3, '\0');
    webp.pixels.insert(webp.pixels.end(), {rgb[0], rgb[1], rgb[2], 255});
  }
  for (const std::string& bytes : {EncodePng(image), bmp.Encode(), webp.Encode()}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image back, DecodeImage(bytes, "x.jpg"));

    EXPECT_EQ(back.height, 4);
    EXPECT_EQ(back.width, 3);
    EXPECT_EQ(back.pixels, image.pixels);
    EXPECT_EQ(back.warning, "");
  }
}

TEST(DecodeImageTest, FarTruncationsAreMalformed) {
  for (const std::string& whole : {EncodePng(Gradient(9, 9)), EncodeJpeg(Gradient(9, 9))}) {
    // A PNG decoder may stop reading before the closing chunk; a JPEG one before the end marker.
    for (size_t n = 0; n + 20 < whole.size(); ++n) {
      EXPECT_THAT(DecodeImage(whole.substr(0, n), "cut"),
                  HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
          << n << " of " << whole.size();
    }
  }
}

TEST(DecodeImageTest, AbsurdSizeIsResourceExhausted) {
  std::string jpeg = EncodeJpeg(Gradient(16, 16));
  const size_t frame = jpeg.find(std::string("\xFF\xC0", 2));
  ASSERT_NE(frame, std::string::npos);
  for (int k = 5; k < 9; ++k) jpeg[frame + k] = '\xFE';

  EXPECT_THAT(DecodeImage(jpeg, "huge.jpg"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(DecodeImageTest, OtherFormatsNameTheCommandThatConverts) {
  EXPECT_THAT(DecodeImage("GIF89a", "x.gif"),
              StatusIs(absl::StatusCode::kUnimplemented, "convert 'x.gif[0]' x.png"));
  EXPECT_THAT(DecodeImage(std::string("II*\0", 4), "x.tif"),
              HasReason(absl::StatusCode::kUnimplemented, reason::kFileMalformed));
}

TEST(DecodeImageTest, WhatIsNoPictureIsMalformed) {
  EXPECT_THAT(DecodeImage("hello", "x.jpg"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(DecodeImage("", "empty"), StatusIs(absl::StatusCode::kInvalidArgument, "empty"));
}

TEST(FitImageTest, SameSizeSeparatesThePlanes) {
  const Image image = Gradient(6, 6);

  const std::vector<uint8_t> planes = FitImage(image, 3, 6, 6);

  for (int i = 0; i < 36; ++i) {
    for (int c = 0; c < 3; ++c) EXPECT_EQ(planes[c * 36 + i], image.pixels[i * 3 + c]);
  }
}

TEST(FitImageTest, WidePictureIsCutAroundItsCentre) {
  Image image = {2, 6, std::vector<uint8_t>(36, 0)};
  for (int y = 0; y < 2; ++y) {
    for (int x = 2; x < 4; ++x) image.pixels[(y * 6 + x) * 3] = 200;
  }

  EXPECT_THAT(FitImage(image, 3, 2, 2),
              ::testing::ElementsAre(200, 200, 200, 200, 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(FitImageTest, GreyIsLuma) {
  EXPECT_THAT(FitImage({1, 1, {255, 0, 0}}, 1, 1, 1), ::testing::ElementsAre(76));
}

}  // namespace
}  // namespace niwaki::data
