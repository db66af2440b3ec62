// The program without its process: arguments in, exit code out.

#ifndef NIWAKI_SERVICES_CLI_CLI_APP_H_
#define NIWAKI_SERVICES_CLI_CLI_APP_H_

#include <string>
#include <vector>

#include "services/cli/session.h"

namespace niwaki::cli {

// Reads `arguments` (without the program's name), runs the command and reports its error. Returns
// the exit code.
int RunCli(const std::vector<std::string>& arguments, Session& session);

// RunCli with this process's streams, terminal, environment and path.
int RunMain(int argc, char** argv);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_CLI_APP_H_
