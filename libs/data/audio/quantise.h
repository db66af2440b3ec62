// The statistics that normalise a data set.

#ifndef NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_
#define NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Sets `metadata.mean` and `metadata.stddev` from [n, C, H, W] uint8 elements. A channel that does
// not vary, and every channel when n is 0, gets deviation 1.
void SetNormalisation(absl::Span<const uint8_t> examples, Metadata& metadata);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_
