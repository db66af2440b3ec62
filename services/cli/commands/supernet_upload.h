// What registering a supernet takes: its space from the file's manifest, and the data to score on.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"

namespace niwaki::cli {

// The space that a supernet file says it spans. NotFound; DataLoss with reason DATA_CORRUPT for a
// file that is damaged or no supernet.
absl::StatusOr<arch::SearchSpace> ReadSupernetSpace(const std::string& path);

// Writes the part of the prepared data `path` that scoring needs, its calibration and validation
// splits, to `part_path`. FailedPrecondition with reason SUPERNET_MISMATCH unless the data has the
// classes and channels of `space`; InvalidArgument where one of the two splits is empty.
absl::Status WriteScoringData(const arch::SearchSpace& space, const std::string& path,
                              const std::string& part_path);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_
