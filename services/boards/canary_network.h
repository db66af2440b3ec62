// The network that every board runs to show that it is in order.

#ifndef NIWAKI_SERVICES_BOARDS_CANARY_NETWORK_H_
#define NIWAKI_SERVICES_BOARDS_CANARY_NETWORK_H_

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::boards {

// A block of an inverted bottleneck between a stem and a classifier: 16x16x3 in, 8 classes out,
// about 0.2 M multiply-accumulates. The same on every machine and in every version whose kernels
// are the same.
engine::QuantisedNetwork CanaryNetwork();

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_CANARY_NETWORK_H_
