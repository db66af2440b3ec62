// What a supernet file says about itself, without LibTorch.

#ifndef NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_
#define NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"

namespace niwaki::coordinator {

// The hexadecimal fingerprint of the space's structure from the manifest in the file's safetensors
// header. Reads the header only. DataLoss DATA_CORRUPT for a file that is not a supernet of Niwaki;
// the error of the read.
absl::StatusOr<std::string> ReadSpaceStructure(const std::string& path);

// FailedPrecondition SUPERNET_MISMATCH unless the file holds weights of `space`; errors as above.
absl::Status CheckSupernetFile(const std::string& path, const arch::SearchSpace& space);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_SUPERNET_FILE_H_
