#include "libs/data/audio/quantise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "libs/base/log.h"

namespace niwaki::data {

void SetNormalisation(absl::Span<const uint8_t> examples, Metadata& metadata) {
  NIWAKI_CHECK(metadata.element_type == ElementType::kUint8);
  const int64_t plane = int64_t{metadata.height} * metadata.width;
  const int channels = metadata.channels;
  // Exact integer sums, so the order of examples does not matter.
  std::vector<uint64_t> sum(channels, 0), square(channels, 0);
  for (size_t at = 0; at < examples.size(); at += plane) {
    const int c = (at / plane) % channels;
    for (uint8_t value : examples.subspan(at, plane)) {
      sum[c] += value;
      square[c] += uint64_t{value} * value;
    }
  }
  const double count = static_cast<double>(examples.size()) / channels;
  metadata.mean.assign(channels, 0);
  metadata.stddev.assign(channels, 1);
  if (examples.empty()) return;
  for (int c = 0; c < channels; ++c) {
    const double mean = sum[c] / count;
    const double variance = std::max(0.0, square[c] / count - mean * mean);
    metadata.mean[c] = metadata.scale * mean + metadata.offset;
    if (variance > 0) metadata.stddev[c] = std::abs(metadata.scale) * std::sqrt(variance);
  }
}

}  // namespace niwaki::data
