// BMP pictures, as Windows and OS/2 write them.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_BMP_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_BMP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// Whether `bytes` begin as a BMP file does.
bool IsBmp(absl::string_view bytes);

// Palettes of 1, 2, 4 and 8 bits, plain or in runs (RLE4, RLE8); 16, 24 and 32 bits with the usual
// masks or their own; rows from below or from above; headers of OS/2 and of Windows from 3 to 5.
// Elements of fewer than 8 bits are stretched to 0 to 255. Pixels with transparency, where a mask
// gives it and not all of it is 0, come out over black. The fourth byte of a pixel without a mask
// means nothing. What runs leave out has the palette's first colour.
//
// InvalidArgument with FILE_MALFORMED when damaged or cut short; Unimplemented, with the command
// that converts it, when it holds a JPEG or PNG or another packing; ResourceExhausted above
// kMaxPixels.
absl::StatusOr<Image> DecodeBmp(absl::string_view bytes, absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_BMP_H_
