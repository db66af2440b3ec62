// WebP pictures, through libwebp.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_WEBP_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_WEBP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// Whether `bytes` begin as a WebP file does.
bool IsWebp(absl::string_view bytes);

// Lossy and lossless; upright by its EXIF chunk; pixels with transparency come out over black; no
// colour profile. InvalidArgument with FILE_MALFORMED when damaged or cut short; Unimplemented,
// with the command that converts it, for an animation; ResourceExhausted above kMaxPixels.
absl::StatusOr<Image> DecodeWebp(absl::string_view bytes, absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_WEBP_H_
