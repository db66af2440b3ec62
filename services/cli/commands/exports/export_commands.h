// Networks as C for microcontrollers:
//
//   niwaki export NETWORK --out FOLDER     to C or TensorFlow Lite
//   niwaki export --check FOLDER           whether a folder still is what was exported
//   niwaki run FOLDER --board BOARD        on an emulated board, or on one of a file

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORT_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORT_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Each adds one command, whose callback sets `session.action`.
void AddExportCommand(CLI::App& app, Session& session);
void AddRunCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORT_COMMANDS_H_
