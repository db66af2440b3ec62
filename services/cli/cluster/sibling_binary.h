// Where the other programs of Niwaki lie.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_SIBLING_BINARY_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_SIBLING_BINARY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/cli/cluster/cluster_file.h"

namespace niwaki::cli {

enum class Sibling { kCoordinator, kOracle, kWorker, kTrainer, kBoards };

// Path of an executable file: in $NIWAKI_BIN_DIR where that is set, else beside the program at
// `program_path` (links are followed), else in bazel's layout, ../coordinator/niwaki-coordinator
// and so on. FailedPrecondition with reason TOOL_MISSING names the places.
absl::StatusOr<std::string> FindSibling(Sibling sibling, const std::string& program_path,
                                        const Environment& environment);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_SIBLING_BINARY_H_
