// Networks whose linked size the flash model is fitted on, and others that it is tested on.

#ifndef NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_
#define NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/kernel_choice.h"

namespace niwaki::flash {

// `times` calls of one kernel, one behind the other. kMemcpy stands between additions, kMean beside
// them. Not kNone.
engine::QuantisedNetwork RepeatedKernel(engine::Kernel kernel, int times);

// Every kernel once and several times, and random subnets of small spaces with random weights.
absl::StatusOr<std::vector<engine::NamedNetwork>> FitNetworks();

// Other subnets, of other spaces too, and networks with every kind of operator: none is in the fit.
absl::StatusOr<std::vector<engine::NamedNetwork>> OtherNetworks();

}  // namespace niwaki::flash

#endif  // NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_
