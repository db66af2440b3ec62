// Subnets as they go to the oracle.

#ifndef NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_
#define NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_

#include <string>
#include <vector>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {

// A request for the costs of `subnets` (at most 4096) on "devices/{device}".
v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_
