#include "libs/data/image/decoders/exif.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/data/image/decoders/sample_pictures.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAreArray;

// A picture of two rows and three columns whose red elements are 1 2 3 / 4 5 6.
Image Numbered() {
  Image image = {2, 3, {}, "odd"};
  for (uint8_t v = 1; v <= 6; ++v) image.pixels.insert(image.pixels.end(), {v, 0, 9});
  return image;
}

std::vector<int> Reds(const Image& image) {
  std::vector<int> reds;
  for (size_t i = 0; i < image.pixels.size(); i += 3) reds.push_back(image.pixels[i]);
  return reds;
}

TEST(ExifTest, EightOrientationsAreTurnedUpright) {
  const std::vector<std::vector<int>> want = {
      {1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
      {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Image out = Upright(Numbered(), orientation);

    EXPECT_EQ(out.height, orientation < 5 ? 2 : 3) << orientation;
    EXPECT_EQ(out.width, orientation < 5 ? 3 : 2) << orientation;
    EXPECT_THAT(Reds(out), ElementsAreArray(want[orientation - 1])) << orientation;
    EXPECT_EQ(out.warning, "odd");
    EXPECT_EQ(out.pixels[2], 9);
  }
}

TEST(ExifTest, OrientationIsReadInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const std::string exif = SampleExif(orientation, big_endian);

      EXPECT_EQ(ExifOrientation(exif), orientation);
      EXPECT_EQ(ExifOrientation(std::string("Exif\0\0", 6) + exif), orientation);
    }
  }
}

TEST(ExifTest, DamagedDataIsUpright) {
  const std::string good = SampleExif(6, true);
  for (size_t n = 0; n < good.size(); ++n) {
    const int orientation = ExifOrientation(good.substr(0, n));
    EXPECT_TRUE(orientation == 1 || orientation == 6) << n;
  }
  std::string far_directory = good;
  far_directory[4] = '\xFF';
  EXPECT_EQ(ExifOrientation(far_directory), 1);
  std::string many_entries = SampleExif(1, true);
  many_entries[8] = many_entries[9] = '\xFF';
  EXPECT_EQ(ExifOrientation(many_entries), 1);
  EXPECT_EQ(ExifOrientation("IIII"), 1);
  EXPECT_EQ(ExifOrientation("http://ns.adobe.com/xap/1.0/"), 1);
  EXPECT_EQ(ExifOrientation(""), 1);
}

TEST(ExifTest, ValuesThatMeanNothingAreUpright) {
  EXPECT_EQ(ExifOrientation(SampleExif(0, false)), 1);
  EXPECT_EQ(ExifOrientation(SampleExif(9, false)), 1);
  EXPECT_EQ(ExifOrientation(SampleExif(65535, true)), 1);
}

}  // namespace
}  // namespace niwaki::data
