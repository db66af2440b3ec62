// Examples as a network wants them: normalised floats at the resolution asked for.

#ifndef NIWAKI_LIBS_DATA_PREPARED_BATCH_H_
#define NIWAKI_LIBS_DATA_PREPARED_BATCH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/data/image/augment.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::data {

// Fills `out` [N, C, height, width] float32 with (real - mean) / stddev of the examples `indices`
// of `split`, resized when `height` or `width` differs from the stored one, and `labels` [N] (may
// be null). Depends on nothing but its arguments; thread-safe. InvalidArgument when an index is not
// in [0, size) or a side not in [1, 4096]; then nothing is written.
absl::Status FillBatch(const PreparedData& data, Split split, absl::Span<const int64_t> indices,
                       int height, int width, float* out, int64_t* labels);

// The same with `Augment` applied at the stored resolution, or with AugmentPhoto. An example's
// changes follow from `seed` and its index alone, so pass another seed every epoch.
absl::Status FillAugmentedBatch(const PreparedData& data, Split split,
                                absl::Span<const int64_t> indices, int height, int width,
                                const AugmentOptions& options, uint64_t seed, float* out,
                                int64_t* labels);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_BATCH_H_
