// Networks whose linked size the flash model is fitted on, and others that it is tested on.

#ifndef NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_
#define NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/quantise/quantised_network.h"
#include "tests/flash/linked_flash.h"

namespace niwaki::flash {

struct FlashCase {
  std::string name;
  engine::QuantisedNetwork network;
  FlashOptions options;
};

// `times` calls of one kernel, one behind the other. kMemcpy stands between additions, kMean beside
// them. Not kNone.
engine::QuantisedNetwork RepeatedKernel(engine::Kernel kernel, int times);

// Every kernel once and several times, and random subnets of small spaces with random weights; by
// fast and plain kernels, whole and row by row.
absl::StatusOr<std::vector<FlashCase>> FitCases();

// Other subnets, of other spaces too, and networks with every kind of operator: none is in the fit.
absl::StatusOr<std::vector<FlashCase>> OtherCases();

}  // namespace niwaki::flash

#endif  // NIWAKI_TESTS_FLASH_FLASH_NETWORKS_H_
