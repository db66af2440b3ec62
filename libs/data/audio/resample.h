// Sample-rate conversion by windowed sinc.

#ifndef NIWAKI_LIBS_DATA_AUDIO_RESAMPLE_H_
#define NIWAKI_LIBS_DATA_AUDIO_RESAMPLE_H_

#include <vector>

#include "absl/types/span.h"

namespace niwaki::data {

// `ratio` = output rate / input rate, in [1/32, 32]; any real number, so it also shifts pitch and
// formants. Output has ceil(n * ratio) samples. Kaiser-windowed sinc of 12 zero crossings a side,
// cut at the lower of the two Nyquist frequencies (Smith, Digital Audio Resampling). Thread-safe.
std::vector<float> Resample(absl::Span<const float> samples, double ratio);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_AUDIO_RESAMPLE_H_
