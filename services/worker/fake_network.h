// The int8 networks that fake workers hand in: real ones, that boards can run.

#ifndef NIWAKI_SERVICES_WORKER_FAKE_NETWORK_H_
#define NIWAKI_SERVICES_WORKER_FAKE_NETWORK_H_

#include <string>

#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::worker {

// Two convolutions, a pool and a classifier: 16x16x1 in, 8 classes out, less than 1 kB of weights
// that follow from the text of the architecture alone. The same on every machine.
engine::QuantisedNetwork FakeNetwork(const std::string& subnet_json);

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_FAKE_NETWORK_H_
