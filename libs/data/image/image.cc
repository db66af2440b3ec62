#include "libs/data/image/image.h"

#include <cstdint>

#include "libs/base/log.h"
#include "libs/data/file_kind.h"
#include "libs/data/image/decoders/bmp.h"
#include "libs/data/image/decoders/jpeg.h"
#include "libs/data/image/decoders/png.h"
#include "libs/data/image/decoders/webp.h"
#include "libs/kernels/frontend/frame.h"

namespace niwaki::data {

absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view what) {
  if (IsJpeg(bytes)) return DecodeJpeg(bytes, what);
  if (IsPng(bytes)) return DecodePng(bytes, what);
  if (IsWebp(bytes)) return DecodeWebp(bytes, what);
  if (IsBmp(bytes)) return DecodeBmp(bytes, what);
  return UnknownFileError(bytes, MediaKind::kPicture, what);
}

std::vector<uint8_t> FitImage(const Image& image, int channels, int height, int width) {
  NIWAKI_CHECK(channels == 1 || channels == kRgb);
  const nw_frame frame = {NW_RGB888, image.height, image.width, image.width * kRgb,
                          image.pixels.data()};
  // The bytes themselves.
  const nw_frame_target target = {height, width, channels, nullptr};
  std::vector<float> scratch(NW_FRAME_SCRATCH_BYTES(int64_t{image.height}, int64_t{image.width},
                                                    int64_t{height}, int64_t{width},
                                                    int64_t{channels}) /
                             sizeof(float));
  std::vector<int8_t> pixels(int64_t{height} * width * channels);
  NIWAKI_CHECK(nw_frame_input(&frame, &target, scratch.data(), pixels.data()) == 0);
  std::vector<uint8_t> out(pixels.size());
  const int64_t plane = int64_t{height} * width;
  for (int64_t i = 0; i < plane; ++i) {
    for (int c = 0; c < channels; ++c) {
      out[c * plane + i] = static_cast<uint8_t>(pixels[i * channels + c]);
    }
  }
  return out;
}

}  // namespace niwaki::data
