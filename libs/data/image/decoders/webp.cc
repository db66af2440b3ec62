#include "libs/data/image/decoders/webp.h"

#include <webp/decode.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "libs/base/status_macros.h"
#include "libs/data/file_kind.h"
#include "libs/data/image/decoders/exif.h"

namespace niwaki::data {
namespace {

constexpr int kRgba = 4;
constexpr size_t kFileHeaderBytes = 12;
constexpr size_t kChunkHeaderBytes = 8;

absl::string_view Meaning(VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "not enough memory";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "a feature that libwebp does not support";
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return "cut short";
    default:
      return "damaged WebP data";
  }
}

// What the EXIF chunk holds; empty when there is none.
absl::string_view FindExif(absl::string_view bytes) {
  size_t at = kFileHeaderBytes;
  while (at < bytes.size() && bytes.size() - at >= kChunkHeaderBytes) {
    const auto byte = [&](size_t k) -> size_t { return static_cast<uint8_t>(bytes[at + 4 + k]); };
    const size_t size = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    const size_t left = bytes.size() - at - kChunkHeaderBytes;
    if (size > left) break;
    if (bytes.substr(at, 4) == "EXIF") return bytes.substr(at + kChunkHeaderBytes, size);
    at += kChunkHeaderBytes + size + (size & 1);
  }
  return "";
}

// [pixels, 4] to [pixels, 3], in place: what is transparent comes out over black.
void RemoveAlpha(std::vector<uint8_t>& pixels) {
  const size_t count = pixels.size() / kRgba;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* from = pixels.data() + i * kRgba;
    const uint8_t alpha = from[kRgb];
    for (int c = 0; c < kRgb; ++c) {
      pixels[i * kRgb + c] = static_cast<uint8_t>(OverBlack(from[c], alpha, 255));
    }
  }
  pixels.resize(count * kRgb);
}

}  // namespace

bool IsWebp(absl::string_view bytes) {
  return absl::StartsWith(bytes, "RIFF") && bytes.size() >= kFileHeaderBytes &&
         bytes.substr(8, 4) == "WEBP";
}

absl::StatusOr<Image> DecodeWebp(absl::string_view bytes, absl::string_view what) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return MalformedImage(what, "libwebp cannot start");
  VP8StatusCode code = WebPGetFeatures(data, bytes.size(), &config.input);
  if (code != VP8_STATUS_OK) return MalformedImage(what, Meaning(code));
  if (config.input.has_animation) return NotReadError("animated WebP", MediaKind::kPicture, what);
  Image image;
  image.height = config.input.height;
  image.width = config.input.width;
  NIWAKI_RETURN_IF_ERROR(CheckImageSize(image.height, image.width, what));
  const int channels = config.input.has_alpha ? kRgba : kRgb;
  const int64_t pixels = int64_t{image.height} * image.width;
  image.pixels.resize(pixels * channels);
  config.output.colorspace = config.input.has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.pixels.data();
  config.output.u.RGBA.stride = image.width * channels;
  config.output.u.RGBA.size = image.pixels.size();
  code = WebPDecode(data, bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (code != VP8_STATUS_OK) return MalformedImage(what, Meaning(code));
  if (config.input.has_alpha) RemoveAlpha(image.pixels);
  return Upright(std::move(image), ExifOrientation(FindExif(bytes)));
}

}  // namespace niwaki::data
