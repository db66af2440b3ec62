#include "libs/data/image/image.h"

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"
#include "libs/data/file_kind.h"
#include "libs/data/image/decoders/bmp.h"
#include "libs/data/image/decoders/jpeg.h"
#include "libs/data/image/decoders/png.h"
#include "libs/data/image/decoders/webp.h"
#include "libs/data/image/resize.h"

namespace niwaki::data {
namespace {

// One plane of floats, cut to `rows`×`columns` from (top, left).
struct Crop {
  int top;
  int left;
  int rows;
  int columns;
};

// The largest part of the picture, around its centre, that has the target's shape.
Crop CentreCrop(const Image& image, int height, int width) {
  Crop crop = {0, 0, image.height, image.width};
  const double wanted = static_cast<double>(width) / height;
  if (image.width > wanted * image.height) {
    crop.columns = std::max(1, static_cast<int>(std::lround(wanted * image.height)));
  } else {
    crop.rows = std::max(1, static_cast<int>(std::lround(image.width / wanted)));
  }
  crop.top = (image.height - crop.rows) / 2;
  crop.left = (image.width - crop.columns) / 2;
  return crop;
}

}  // namespace

absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view what) {
  if (IsJpeg(bytes)) return DecodeJpeg(bytes, what);
  if (IsPng(bytes)) return DecodePng(bytes, what);
  if (IsWebp(bytes)) return DecodeWebp(bytes, what);
  if (IsBmp(bytes)) return DecodeBmp(bytes, what);
  return UnknownFileError(bytes, MediaKind::kPicture, what);
}

std::vector<uint8_t> FitImage(const Image& image, int channels, int height, int width) {
  NIWAKI_CHECK(channels == 1 || channels == kRgb);
  const Crop crop = CentreCrop(image, height, width);
  Resizer resizer(crop.rows, crop.columns, height, width);
  std::vector<float> plane(size_t{1} * crop.rows * crop.columns);
  std::vector<float> small(size_t{1} * height * width);
  std::vector<uint8_t> out;
  for (int c = 0; c < channels; ++c) {
    float* to = plane.data();
    for (int y = 0; y < crop.rows; ++y) {
      const uint8_t* p =
          image.pixels.data() + (size_t{1} * (crop.top + y) * image.width + crop.left) * kRgb;
      for (int x = 0; x < crop.columns; ++x, p += kRgb) {
        *to++ = channels == kRgb ? p[c] : 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
      }
    }
    resizer.Resize(plane.data(), small.data());
    for (float value : small) {
      out.push_back(static_cast<uint8_t>(std::clamp(std::nearbyint(value), 0.0f, 255.0f)));
    }
  }
  return out;
}

}  // namespace niwaki::data
