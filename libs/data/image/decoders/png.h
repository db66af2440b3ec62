// PNG pictures, through libpng.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_PNG_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_PNG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// Whether `bytes` begin as a PNG file does.
bool IsPng(absl::string_view bytes);

// Every colour type and depth, interlaced or not; upright by its eXIf chunk; of an animation the
// first picture. Elements are what the file stores, whatever its gamma, colour space or profile
// chunks say: 16 bits as round(v / 257), 1, 2 and 4 bits of grey stretched to 0 to 255. Pixels with
// transparency come out over black. InvalidArgument with FILE_MALFORMED when damaged or cut short;
// ResourceExhausted above kMaxPixels.
absl::StatusOr<Image> DecodePng(absl::string_view bytes, absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_PNG_H_
