// Spaces and subnets as they go to the services.

#ifndef NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_
#define NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "proto/niwaki/v1/arch.pb.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {

// The wire form of a validated space, and back.
v1::SearchSpace SpaceMessage(const arch::SearchSpace& space);
absl::StatusOr<arch::SearchSpace> SpaceFromMessage(const v1::SearchSpace& message);

// A request for the costs of `subnets` (at most 4096) on "devices/{device}".
v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_ARCH_MESSAGE_H_
