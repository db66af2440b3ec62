// What registering a supernet takes: its space from the file's manifest, and the data to score on.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::cli {

// The space that a supernet file says it spans. NotFound; DataLoss with reason DATA_CORRUPT for a
// file that is damaged or no supernet.
absl::StatusOr<arch::SearchSpace> ReadSupernetSpace(const std::string& path);

// Where its weights come from. Errors as ReadSupernetSpace.
absl::StatusOr<train::Manifest> ReadSupernetManifest(const std::string& path);

// Writes the part of the prepared data `path` that scoring needs, all but its training split (the
// test split, where there is one, for fronts that are scored on it), to `part_path`, with the
// labels and the normalisation that the supernet of `manifest` has; what is to be known of that
// (data::DataFit). FailedPrecondition with reason SUPERNET_MISMATCH for data of other classes or
// prepared otherwise than the supernet's; InvalidArgument where the calibration or the validation
// split is empty.
absl::StatusOr<std::vector<std::string>> WriteScoringData(const train::Manifest& manifest,
                                                          const std::string& path,
                                                          const std::string& part_path);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_SUPERNET_UPLOAD_H_
