// Which way up a picture is, as cameras note it in its EXIF data.

#ifndef NIWAKI_LIBS_DATA_IMAGE_DECODERS_EXIF_H_
#define NIWAKI_LIBS_DATA_IMAGE_DECODERS_EXIF_H_

#include "absl/strings/string_view.h"
#include "libs/data/image/decoders/raster.h"

namespace niwaki::data {

// The orientation, 1 to 8, that EXIF data names (tag 0x0112 of the first directory): `exif` is a
// TIFF header and what follows, with or without `Exif\0\0` before it. 1, upright, when there is
// none or the data is damaged: the pixels are good all the same.
int ExifOrientation(absl::string_view exif);

// `image` as it is meant to be seen (EXIF 2.32, section 4.6.4.A): 1 as it is, 2 mirrored, 3 upside
// down, 4 upside down and mirrored, 5 mirrored about its main diagonal, 6 turned clockwise, 7
// mirrored about its other diagonal, 8 turned anticlockwise. 5 to 8 exchange height and width.
Image Upright(Image image, int orientation);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_DECODERS_EXIF_H_
