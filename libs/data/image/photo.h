// Random changes to photographs, as ImageNet networks are trained with.

#ifndef NIWAKI_LIBS_DATA_IMAGE_PHOTO_H_
#define NIWAKI_LIBS_DATA_IMAGE_PHOTO_H_

#include <cstdint>

#include "absl/types/span.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Szegedy et al., Going Deeper with Convolutions, 2015, section 6, with the figures of OFA's
// released code.
struct PhotoOptions {
  // A crop has between this part of the picture's area and all of it, and a width of between
  // 1 / max_aspect and max_aspect times its height, log-uniform.
  double min_area = 0.08;
  double max_aspect = 4.0 / 3.0;
  bool flip = true;
  // Brightness is multiplied by 1 ± up to this; saturation likewise (of three channels, red, green,
  // blue); one after the other in random order.
  double brightness = 32.0 / 255.0;
  double saturation = 0.5;
};

// Crops `example` [C, H, W] float32, normalised, of the shape in `metadata`, resizes the crop to
// `out` [C, height, width], mirrors it and changes its colours, which stay within the range of the
// data's elements. Depends on nothing but its arguments.
void AugmentPhoto(const Metadata& metadata, const PhotoOptions& options, uint64_t seed,
                  absl::Span<const float> example, int height, int width, float* out);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_PHOTO_H_
