// JPEG and PNG pictures as planes of bytes.

#ifndef NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_
#define NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::data {

struct Image {
  int height = 0;
  int width = 0;
  // [height, width, 3]: red, green, blue.
  std::vector<uint8_t> pixels;
};

// Decodes by content, not by name; transparent pixels come out over black. InvalidArgument with
// FILE_MALFORMED when neither JPEG nor PNG, damaged or cut short; ResourceExhausted above 64
// million pixels. `what` names the file.
absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view what);

// The picture cut around its centre to the shape of `height`×`width` and resized to it, as
// `channels` planes: 3, or 1 for grey (ITU-R BT.601 luma). [channels, height, width].
std::vector<uint8_t> FitImage(const Image& image, int channels, int height, int width);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_
