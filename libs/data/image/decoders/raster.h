// What every decoder of pictures gives, and the bounds that all of them keep.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_RASTER_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_RASTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::data {

struct Image {
  int height = 0;
  int width = 0;
  // [height, width, 3]: red, green, blue, as the file stores them: no gamma, no colour profile.
  std::vector<uint8_t> pixels;
  // What was odd about a file that could be used all the same; empty when nothing was.
  std::string warning;
};

inline constexpr int kRgb = 3;
inline constexpr int64_t kMaxPixels = 64000000;

// InvalidArgument with FILE_MALFORMED: "WHAT: PROBLEM".
absl::Status MalformedImage(absl::string_view what, absl::string_view problem);

// Asked before memory is taken. InvalidArgument with FILE_MALFORMED when a side is below 1;
// ResourceExhausted with MESSAGE_TOO_LARGE above kMaxPixels.
absl::Status CheckImageSize(int64_t height, int64_t width, absl::string_view what);

// An element seen through `alpha`, of [0, max], over black, rounded.
inline uint32_t OverBlack(uint32_t element, uint32_t alpha, uint32_t max) {
  return static_cast<uint32_t>((uint64_t{element} * alpha + max / 2) / max);
}

// An element of [0, max] as a byte, rounded: of 16 bits round(v / 257), of 5 bits
// round(v * 255 / 31). `max` is at least 1.
inline uint8_t ScaleToByte(uint32_t element, uint32_t max) {
  return static_cast<uint8_t>((uint64_t{element} * 255 + max / 2) / max);
}

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_RASTER_H_
