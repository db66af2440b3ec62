#include "libs/data/image/decoders/jpeg.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
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

using ::testing::HasSubstr;

// A slope in every channel, of `rows` rows of eight blocks.
SampleJpeg Slope(int height = 80, int width = 64) {
  SampleJpeg jpeg;
  jpeg.height = height;
  jpeg.width = width;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      jpeg.pixels.push_back(static_cast<uint8_t>(250 * x / width));
      jpeg.pixels.push_back(static_cast<uint8_t>(250 * y / height));
      jpeg.pixels.push_back(static_cast<uint8_t>(100 + 60 * (x + y) / (width + height)));
    }
  }
  return jpeg;
}

int LargestDifference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b, size_t count) {
  EXPECT_GE(a.size(), count);
  EXPECT_GE(b.size(), count);
  int largest = 0;
  for (size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

// Where the entropy-coded data of the first scan begins.
size_t ScanStart(const std::string& jpeg) {
  const size_t marker = jpeg.find("\xFF\xDA");
  EXPECT_NE(marker, std::string::npos);
  return marker + 2 + static_cast<uint8_t>(jpeg[marker + 2]) * 256 +
         static_cast<uint8_t>(jpeg[marker + 3]);
}

std::string CutAt(const std::string& jpeg, double share_of_data) {
  const size_t start = ScanStart(jpeg);
  return jpeg.substr(0, start + static_cast<size_t>(share_of_data * (jpeg.size() - start)));
}

TEST(JpegTest, SequentialProgressiveAndSeparateScansAreRead) {
  for (int flavour = 0; flavour < 4; ++flavour) {
    SampleJpeg jpeg = Slope();
    jpeg.progressive = flavour == 1;
    jpeg.separate_scans = flavour == 2;
    jpeg.restart_rows = flavour == 3 ? 1 : 0;

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg.Encode(), "x.jpg"));

    EXPECT_EQ(image.height, 80);
    EXPECT_EQ(image.width, 64);
    EXPECT_LE(LargestDifference(image.pixels, jpeg.pixels, jpeg.pixels.size()), 4) << flavour;
    EXPECT_EQ(image.warning, "");
  }
}

TEST(JpegTest, GreyIsThreeEqualElements) {
  SampleJpeg jpeg;
  jpeg.height = 2;
  jpeg.width = 2;
  jpeg.channels = 1;
  jpeg.pixels = {120, 120, 120, 120};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg.Encode(), "x.jpg"));

  EXPECT_EQ(image.pixels, std::vector<uint8_t>(12, 120));
}

TEST(JpegTest, InksBecomeColours) {
  struct Case {
    // As ink: 255 covers.
    std::vector<uint8_t> ink;
    std::vector<int> want;
  };
  const std::vector<Case> cases = {{{0, 0, 0, 0}, {255, 255, 255}},
                                   {{0, 0, 0, 255}, {0, 0, 0}},
                                   {{0, 255, 255, 0}, {255, 0, 0}},
                                   {{255, 0, 0, 0}, {0, 255, 255}},
                                   {{55, 105, 155, 51}, {160, 120, 80}}};
  for (const bool adobe : {true, false}) {
    for (const bool ycck : {true, false}) {
      if (ycck && !adobe) continue;
      for (const Case& c : cases) {
        SampleJpeg jpeg;
        jpeg.height = 8;
        jpeg.width = 8;
        jpeg.channels = 4;
        jpeg.quality = 100;
        jpeg.adobe = adobe;
        jpeg.ycck = ycck;
        for (int i = 0; i < 64; ++i) {
          for (const uint8_t v : c.ink) jpeg.pixels.push_back(adobe ? 255 - v : v);
        }

        NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg.Encode(), "x.jpg"));

        for (int k = 0; k < kRgb; ++k) {
          EXPECT_NEAR(image.pixels[k], c.want[k], 3) << "adobe " << adobe << " ycck " << ycck;
        }
      }
    }
  }
}

TEST(JpegTest, EightOrientationsAreTurnedUpright) {
  SampleJpeg jpeg = Slope(16, 24);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(jpeg.Encode(), "x.jpg"));
  // The corner, y and x, at which the stored top left must come out; and whether sides exchange.
  const int corner_y[] = {0, 0, 1, 1, 0, 0, 1, 1};
  const int corner_x[] = {0, 1, 1, 0, 0, 1, 1, 0};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {true, false}) {
      jpeg.app1 = std::string("Exif\0\0", 6) + SampleExif(orientation, big_endian);

      NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg.Encode(), "x.jpg"));

      EXPECT_EQ(image.height, orientation < 5 ? 16 : 24);
      EXPECT_EQ(image.width, orientation < 5 ? 24 : 16);
      const int y = corner_y[orientation - 1] * (image.height - 1);
      const int x = corner_x[orientation - 1] * (image.width - 1);
      for (int c = 0; c < kRgb; ++c) {
        EXPECT_EQ(image.pixels[(y * image.width + x) * kRgb + c], flat.pixels[c]) << orientation;
      }
    }
  }
}

TEST(JpegTest, DamagedExifIsIgnored) {
  SampleJpeg jpeg = Slope();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(jpeg.Encode(), "x.jpg"));
  for (const std::string& exif :
       {std::string("Exif\0\0", 6), std::string("Exif\0\0MM\0*\xFF\xFF\xFF\xFF", 14),
        std::string("Exif\0\0", 6) + SampleExif(9, true),
        std::string("http://ns.adobe.com/xap/")}) {
    jpeg.app1 = exif;

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(jpeg.Encode(), "x.jpg"));

    EXPECT_EQ(image.pixels, flat.pixels);
    EXPECT_EQ(image.warning, "");
  }
}

TEST(JpegTest, BytesThatBelongNowhereAreAWarning) {
  const std::string good = Slope().Encode();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(good, "x.jpg"));
  std::string before_end = good, before_scan = good;
  before_end.insert(good.size() - 2, std::string(40, '\0'));
  before_scan.insert(good.find("\xFF\xDA"), std::string(3, '\x11'));
  for (const std::string& odd : {before_end, before_scan}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(odd, "x.jpg"));

    EXPECT_EQ(image.pixels, flat.pixels);
    EXPECT_THAT(image.warning, HasSubstr("extraneous bytes"));
  }
}

TEST(JpegTest, BytesBehindTheEndAreIgnored) {
  const std::string good = Slope().Encode();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(good + "ftypmp42 a film", "x.jpg"));

  EXPECT_EQ(image.warning, "");
}

TEST(JpegTest, MissingEndMarkerIsAWarning) {
  const std::string good = Slope().Encode();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(good, "x.jpg"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image,
                              DecodeJpeg(good.substr(0, good.size() - 2), "x.jpg"));

  EXPECT_EQ(image.pixels, flat.pixels);
  EXPECT_EQ(image.warning, "Premature end of JPEG file");
}

TEST(JpegTest, MissingLastRowsAreAWarningAndTheOthersAreRight) {
  for (const int restart_rows : {0, 1}) {
    SampleJpeg jpeg = Slope();
    jpeg.restart_rows = restart_rows;
    const std::string good = jpeg.Encode();
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(good, "x.jpg"));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(CutAt(good, 0.85), "x.jpg"));

    EXPECT_THAT(image.warning, HasSubstr("of 80 rows are whole (Premature end of JPEG file)"));
    EXPECT_EQ(LargestDifference(image.pixels, flat.pixels, 48 * 64 * kRgb), 0);
  }
}

TEST(JpegTest, MostlyMissingPictureIsMalformed) {
  for (int flavour = 0; flavour < 3; ++flavour) {
    SampleJpeg jpeg = Slope();
    jpeg.restart_rows = flavour == 1 ? 1 : 0;
    jpeg.separate_scans = flavour == 2;

    const auto image = DecodeJpeg(CutAt(jpeg.Encode(), 0.3), "half.jpg");

    EXPECT_THAT(image, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
    EXPECT_THAT(image, StatusIs(absl::StatusCode::kInvalidArgument, "half.jpg: cut short"));
  }
}

TEST(JpegTest, ColourThatNoScanBringsIsMalformed) {
  SampleJpeg jpeg = Slope();
  jpeg.separate_scans = true;
  const std::string good = jpeg.Encode();
  const size_t second = good.find("\xFF\xDA", ScanStart(good));
  ASSERT_NE(second, std::string::npos);

  EXPECT_THAT(DecodeJpeg(good.substr(0, second) + "\xFF\xD9", "grey.jpg"),
              StatusIs(absl::StatusCode::kInvalidArgument, "colour component 2 is missing"));
}

TEST(JpegTest, ProgressiveWithoutItsLastScansIsAWarning) {
  SampleJpeg jpeg = Slope();
  jpeg.progressive = true;
  const std::string good = jpeg.Encode();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(CutAt(good, 0.7), "x.jpg"));

  EXPECT_EQ(image.warning, "Premature end of JPEG file");
  EXPECT_LE(LargestDifference(image.pixels, jpeg.pixels, jpeg.pixels.size()), 40);
  EXPECT_THAT(DecodeJpeg(good.substr(0, ScanStart(good) + 10), "x.jpg"),
              StatusIs(absl::StatusCode::kInvalidArgument, "cut short"));
}

TEST(JpegTest, DamageWithinOneSegmentIsAWarning) {
  SampleJpeg jpeg = Slope(160, 64);
  jpeg.restart_rows = 1;
  const std::string good = jpeg.Encode();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image flat, DecodeJpeg(good, "x.jpg"));
  // The segment between the second and the third marker loses its data.
  const size_t from = good.find("\xFF\xD1"), to = good.find("\xFF\xD2");
  ASSERT_LT(from, to);
  const std::string damaged = good.substr(0, from + 2) + good.substr(to);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(damaged, "x.jpg"));

  EXPECT_THAT(image.warning, HasSubstr("152 of 160 rows are whole"));
  EXPECT_EQ(LargestDifference(image.pixels, flat.pixels, 16 * 64 * kRgb), 0);
  const size_t behind = 24 * 64 * kRgb;
  EXPECT_EQ(std::vector<uint8_t>(image.pixels.begin() + behind, image.pixels.end()),
            std::vector<uint8_t>(flat.pixels.begin() + behind, flat.pixels.end()));
}

TEST(JpegTest, SizeThatTheBytesCannotHoldIsMalformed) {
  std::string jpeg = Slope().Encode();
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  // 7760 by 7744, below the limit of pixels.
  jpeg[frame + 5] = jpeg[frame + 7] = '\x1E';

  EXPECT_THAT(DecodeJpeg(jpeg, "huge.jpg"),
              StatusIs(absl::StatusCode::kInvalidArgument, "huge.jpg: cut short"));
}

TEST(JpegTest, AbsurdSizeIsResourceExhausted) {
  std::string jpeg = Slope().Encode();
  const size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  for (int k = 5; k < 9; ++k) jpeg[frame + k] = '\xFE';

  EXPECT_THAT(DecodeJpeg(jpeg, "huge.jpg"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(JpegTest, RareKindsNameTheCommandThatConverts) {
  std::string twelve_bits = Slope().Encode(), lossless = twelve_bits;
  const size_t frame = lossless.find("\xFF\xC0");
  twelve_bits[frame + 4] = 12;
  lossless[frame + 1] = '\xC3';
  for (const std::string& jpeg : {twelve_bits, lossless}) {
    EXPECT_THAT(DecodeJpeg(jpeg, "x.jpg"),
                StatusIs(absl::StatusCode::kUnimplemented, "convert 'x.jpg[0]' x.png"));
  }
}

TEST(JpegTest, HeaderCutShortIsMalformed) {
  const std::string good = Slope().Encode();
  for (size_t n = 3; n < ScanStart(good); n += 7) {
    EXPECT_THAT(DecodeJpeg(good.substr(0, n), "x.jpg"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << n;
  }
}

}  // namespace
}  // namespace niwaki::data
