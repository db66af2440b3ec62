// JPEG pictures, through libjpeg.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_JPEG_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_JPEG_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// Whether `bytes` begin as a JPEG file does.
bool IsJpeg(absl::string_view bytes);

// Grey, YCbCr, RGB, CMYK and YCCK, sequential or progressive; upright by its EXIF data. CMYK
// becomes red, green and blue by ink times black, without a colour profile; files with an Adobe
// marker store it inverted.
//
// A file that libjpeg merely warns about (bytes that belong nowhere, a last part that is missing or
// damaged) is decoded, with a warning, as long as at least half of its rows are whole and no colour
// is missing. InvalidArgument with FILE_MALFORMED otherwise; Unimplemented, with the command that
// converts it, for lossless JPEG and for 12 bits; ResourceExhausted above kMaxPixels.
absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes, absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_JPEG_H_
