// What a supernet file says about itself, without LibTorch.

#ifndef NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_
#define NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/data/prepared/data_fit.h"

namespace niwaki::coordinator {

// The hexadecimal fingerprint of the space's structure from the manifest in the file's safetensors
// header. Reads the header only. DataLoss DATA_CORRUPT for a file that is not a supernet of Niwaki;
// the error of the read.
absl::StatusOr<std::string> ReadSpaceStructure(const std::string& path);

// FailedPrecondition SUPERNET_MISMATCH unless the file holds weights of `space`; errors as above.
absl::Status CheckSupernetFile(const std::string& path, const arch::SearchSpace& space);

// The data behind the weights, as the manifest describes it; nothing where it does not, or in a way
// that this program does not know. Errors as ReadSpaceStructure.
absl::StatusOr<std::optional<data::TrainedOn>> ReadTrainedOn(const std::string& path);

// Whether the prepared data `data_path` belongs to the supernet `path`: what data::FitData says,
// and its errors. DataLoss for a file that is no prepared data. Reads both headers only, and
// nothing is compared where the supernet's says nothing.
absl::StatusOr<data::DataFit> CheckEvaluationData(const std::string& path,
                                                  const std::string& data_path);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_
