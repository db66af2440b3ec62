// A search space as people name it where a running cluster or a trained supernet may know it.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_SPACE_ARGUMENT_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_SPACE_ARGUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// "supernets/NAME" and "jobs/NAME" (that of the job's supernet) are asked of the coordinator, a
// file that ends in ".safetensors" is a supernet's; all else is arch::LoadSpace's. The errors of
// these.
absl::StatusOr<arch::SearchSpace> ReadSpaceArgument(Session& session, const std::string& argument);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_SPACE_ARGUMENT_H_
