// Pictures as planes of bytes.

#ifndef NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_
#define NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// Decodes JPEG, PNG, BMP and WebP, by content, not by name; `what` names the file. The picture is
// upright by its EXIF data; values are those that the file stores, without gamma and colour
// profile; transparent pixels come out over black. A file that is odd but usable, such as a JPEG
// whose last rows are missing, has a `warning`.
//
// InvalidArgument with FILE_MALFORMED when it is no picture, damaged or cut short; Unimplemented
// with FILE_MALFORMED, and the command that converts it in the message, for GIF, TIFF, HEIC and
// others that are not read; ResourceExhausted above 64 million pixels.
absl::StatusOr<Image> DecodeImage(absl::string_view bytes, absl::string_view what);

// The picture cut around its centre to the shape of `height`×`width` and resized to it, as
// `channels` planes: 3, or 1 for grey (ITU-R BT.601 luma). [channels, height, width].
std::vector<uint8_t> FitImage(const Image& image, int channels, int height, int width);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_IMAGE_H_
