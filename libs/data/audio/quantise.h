// From samples to the stored bytes of a log-mel picture, and the statistics that normalise a data
// set.

#ifndef NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_
#define NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// A log-mel value is stored as one byte of 0.4 dB: -96 dB is 0, +6 dB is 255.
inline constexpr double kLogMelScale = 0.4;
inline constexpr double kLogMelOffset = -96;

// The nearest byte of each value, clamped; equal sizes.
void QuantiseLogMel(absl::Span<const float> db, absl::Span<uint8_t> out);

// Sets `metadata.mean` and `metadata.stddev` from [n, C, H, W] uint8 elements. A channel that does
// not vary, and every channel when n is 0, gets deviation 1.
void SetNormalisation(absl::Span<const uint8_t> examples, Metadata& metadata);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_QUANTISE_H_
