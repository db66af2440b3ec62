// Outputs of a network as posteriors.

#ifndef NIWAKI_LIBS_ENGINE_SENSOR_POSTERIORS_H_
#define NIWAKI_LIBS_ENGINE_SENSOR_POSTERIORS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::engine {

// Whether the last operator of `network` that computes int8 is a softmax, so that its outputs are
// posteriors already.
bool EndsInSoftmax(const QuantisedNetwork& network);

// `outputs` of `network` as posteriors of 0 to 255, by the softmax of libs/kernels where the
// network does not end in one.
std::vector<uint8_t> PosteriorsOf(const QuantisedNetwork& network,
                                  absl::Span<const int8_t> outputs);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_SENSOR_POSTERIORS_H_
