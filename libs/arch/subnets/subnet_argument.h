// Subnets as people write them: on a command line, or in a file.

#ifndef NIWAKI_LIBS_ARCH_SUBNETS_SUBNET_ARGUMENT_H_
#define NIWAKI_LIBS_ARCH_SUBNETS_SUBNET_ARGUMENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::arch {

// "min" or "smallest", "max" or "largest", OFA's JSON, or "@FILE" with that JSON. InvalidArgument,
// NotFound; the errors of a file name it.
absl::StatusOr<Subnet> ReadSubnetArgument(const SearchSpace& space, const std::string& text);

// A file with one subnet in JSON for each line; empty lines are skipped. Errors name the line.
absl::StatusOr<std::vector<Subnet>> ReadSubnetFile(const SearchSpace& space,
                                                   const std::string& path);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_SUBNETS_SUBNET_ARGUMENT_H_
