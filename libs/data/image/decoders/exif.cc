#include "libs/data/image/decoders/exif.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "libs/base/log.h"

namespace niwaki::data {
namespace {

constexpr int kUpright = 1;
constexpr uint32_t kOrientationTag = 0x0112;
constexpr size_t kEntryBytes = 12;

// TIFF types of one value.
constexpr uint32_t kByte = 1;
constexpr uint32_t kShort = 3;
constexpr uint32_t kLong = 4;

// Numbers of either byte order; beyond the end there are zeros, which mean nothing.
class TiffBytes {
 public:
  explicit TiffBytes(absl::string_view bytes)
      : bytes_(bytes), big_endian_(absl::StartsWith(bytes, "MM")) {}

  uint32_t Get(size_t at, int count) const {
    if (at > bytes_.size() || bytes_.size() - at < static_cast<size_t>(count)) return 0;
    uint32_t value = 0;
    for (int k = 0; k < count; ++k) {
      const int from = big_endian_ ? k : count - 1 - k;
      value = value << 8 | static_cast<uint8_t>(bytes_[at + from]);
    }
    return value;
  }

 private:
  const absl::string_view bytes_;
  const bool big_endian_;
};

}  // namespace

int ExifOrientation(absl::string_view exif) {
  absl::ConsumePrefix(&exif, absl::string_view("Exif\0\0", 6));
  if (!absl::StartsWith(exif, "II") && !absl::StartsWith(exif, "MM")) return kUpright;
  const TiffBytes tiff(exif);
  if (tiff.Get(2, 2) != 42) return kUpright;
  const size_t directory = tiff.Get(4, 4);
  const size_t entries = tiff.Get(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.Get(entry, 2) != kOrientationTag) continue;
    const uint32_t type = tiff.Get(entry + 2, 2);
    if (tiff.Get(entry + 4, 4) != 1) return kUpright;
    uint32_t value = 0;
    if (type == kShort) value = tiff.Get(entry + 8, 2);
    if (type == kLong) value = tiff.Get(entry + 8, 4);
    if (type == kByte) value = tiff.Get(entry + 8, 1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

Image Upright(Image image, int orientation) {
  NIWAKI_CHECK(orientation >= 1 && orientation <= 8);
  if (orientation == kUpright) return image;
  const int64_t height = image.height, width = image.width;
  const bool exchanged = orientation >= 5;
  // Whether the stored rows, or columns, run the other way.
  const bool rows_back =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_back =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Image out;
  out.height = static_cast<int>(exchanged ? width : height);
  out.width = static_cast<int>(exchanged ? height : width);
  out.warning = std::move(image.warning);
  out.pixels.resize(image.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x, to += kRgb) {
      const int64_t row = exchanged ? x : y;
      const int64_t column = exchanged ? y : x;
      const int64_t from_row = rows_back ? height - 1 - row : row;
      const int64_t from_column = columns_back ? width - 1 - column : column;
      std::copy_n(image.pixels.data() + (from_row * width + from_column) * kRgb, kRgb, to);
    }
  }
  return out;
}

}  // namespace niwaki::data
