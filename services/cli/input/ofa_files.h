// Latency tables in the format of the once-for-all networks, from files.

#ifndef NIWAKI_SERVICES_CLI_INPUT_OFA_FILES_H_
#define NIWAKI_SERVICES_CLI_INPUT_OFA_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/interchange/ofa/latency_table.h"

namespace niwaki::cli {

// The entries of `paths`, a file for each resolution. The errors of ReadFile and
// interchange::ReadOfaTables.
absl::StatusOr<std::vector<interchange::OfaEntry>> ReadOfaFiles(
    const std::vector<std::string>& paths);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_INPUT_OFA_FILES_H_
