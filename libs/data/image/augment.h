// Small random changes to training examples, so that a network does not learn them by heart.

#ifndef NIWAKI_LIBS_DATA_IMAGE_AUGMENT_H_
#define NIWAKI_LIBS_DATA_IMAGE_AUGMENT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

struct AugmentOptions {
  // Photographs: AugmentPhoto (photo.h) instead of what follows. Log-mel pictures are none.
  bool photo = false;
  // Pictures: pad with the mean by so many pixels, then crop at random; mirror half of them.
  int crop_padding = 4;
  bool flip = true;
  // Log-mel: move by up to so many frames, blank up to `time_masks` stretches of frames and
  // `frequency_masks` bands with the mean (SpecAugment, Park et al. 2019, section 2), and make
  // louder or softer by up to `max_gain_db`.
  int max_shift_frames = 3;
  int time_masks = 1;
  int max_time_mask_frames = 6;
  int frequency_masks = 1;
  int max_frequency_mask_bins = 5;
  double max_gain_db = 3;
};

// Changes one example in place: `example` [C, H, W] float32, normalised (so 0 is the mean), of the
// shape in `metadata`; a log-mel picture when that has a front end. Depends on nothing but its
// arguments.
void Augment(const Metadata& metadata, const AugmentOptions& options, uint64_t seed,
             absl::Span<float> example);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_AUGMENT_H_
