// Whether this machine has what emulated boards need.

#ifndef NIWAKI_SERVICES_CLI_CLUSTER_BOARD_TOOLS_H_
#define NIWAKI_SERVICES_CLI_CLUSTER_BOARD_TOOLS_H_

#include <string>

#include "services/cli/cluster/cluster_file.h"

namespace niwaki::cli {

// "arm-none-eabi-gcc (Debian: gcc-arm-none-eabi)": the first of cross compiler and emulator that is
// in no folder of $PATH; "" where both are there.
std::string MissingBoardTool(const Environment& environment);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLUSTER_BOARD_TOOLS_H_
