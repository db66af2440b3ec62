// Spaces and subnets as they stand on the command line.

#ifndef NIWAKI_SERVICES_CLI_SUBNET_ARGUMENT_H_
#define NIWAKI_SERVICES_CLI_SUBNET_ARGUMENT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "proto/niwaki/v1/arch.pb.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::cli {

// "min", "max", OFA's JSON, or "@FILE" with that JSON. InvalidArgument, NotFound.
absl::StatusOr<arch::Subnet> ReadSubnetArgument(const arch::SearchSpace& space,
                                                const std::string& text);

// A file with one subnet in JSON for each line; empty lines are skipped. Errors name the line.
absl::StatusOr<std::vector<arch::Subnet>> ReadSubnetFile(const arch::SearchSpace& space,
                                                         const std::string& path);

// The wire form of a validated space, and back.
v1::SearchSpace SpaceMessage(const arch::SearchSpace& space);
absl::StatusOr<arch::SearchSpace> SpaceFromMessage(const v1::SearchSpace& message);

// A request for the costs of `subnets` (at most 4096) on "devices/{device}".
v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SUBNET_ARGUMENT_H_
