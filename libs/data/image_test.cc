#include "libs/data/image.h"

#include <jpeglib.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

// A smooth colour picture.
Image Gradient(int height, int width) {
  Image image = {height, width, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(static_cast<uint8_t>(255 * x / width));
      image.pixels.push_back(static_cast<uint8_t>(255 * y / height));
      image.pixels.push_back(100);
    }
  }
  return image;
}

std::string EncodePng(const Image& image) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = image.width;
  png.height = image.height;
  png.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  EXPECT_TRUE(png_image_write_to_memory(&png, nullptr, &size, 0, image.pixels.data(), 0, nullptr));
  std::string out(size, '\0');
  EXPECT_TRUE(png_image_write_to_memory(&png, &out[0], &size, 0, image.pixels.data(), 0, nullptr));
  return out;
}

std::string EncodeJpeg(const Image& image) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = image.width;
  info.image_height = image.height;
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 98, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(image.pixels.data()) + info.next_scanline * image.width * 3;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string out(reinterpret_cast<char*>(bytes), size);
  free(bytes);
  return out;
}

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

TEST(DecodeImageTest, EveryTruncationIsMalformed) {
  for (const std::string& whole : {EncodePng(Gradient(9, 9)), EncodeJpeg(Gradient(9, 9))}) {
    // A PNG decoder may stop reading before the closing chunk; a JPEG one before the end marker.
    for (size_t n = 0; n + 14 < whole.size(); ++n) {
      EXPECT_THAT(DecodeImage(whole.substr(0, n), "cut"),
                  HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
          << n << " of " << whole.size();
    }
  }
}

TEST(DecodeImageTest, DamagedBytesNeverEndTheProcess) {
  constexpr uint64_t kSeed = 8;
  Random random(kSeed);
  int refused = 0;
  for (const std::string& whole : {EncodePng(Gradient(30, 30)), EncodeJpeg(Gradient(30, 30))}) {
    for (int round = 0; round < 2000; ++round) {
      std::string bytes = whole;
      for (int k = 0; k < 4; ++k) {
        bytes[random.Uniform(bytes.size())] = static_cast<char>(random.Next());
      }
      refused += !DecodeImage(bytes, "damaged").ok();
    }
  }
  EXPECT_GT(refused, 1000) << "seed " << kSeed;
}

TEST(DecodeImageTest, AbsurdSizeIsResourceExhausted) {
  std::string jpeg = EncodeJpeg(Gradient(16, 16));
  const size_t frame = jpeg.find(std::string("\xFF\xC0", 2));
  ASSERT_NE(frame, std::string::npos);
  for (int k = 5; k < 9; ++k) jpeg[frame + k] = '\xFE';

  EXPECT_THAT(DecodeImage(jpeg, "huge.jpg"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(DecodeImageTest, OtherFormatsAreMalformed) {
  EXPECT_THAT(DecodeImage("GIF89a", "x.gif"),
              StatusIs(absl::StatusCode::kInvalidArgument, "x.gif: neither JPEG nor PNG"));
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
