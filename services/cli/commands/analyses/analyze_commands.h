// What a network takes on a device, before anything is flashed:
//
//   niwaki analyze FILE.tflite|FILE.onnx|SUBNET --device DEVICE

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYZE_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYZE_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Adds the command, whose callback sets `session.action`.
void AddAnalyzeCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_ANALYSES_ANALYZE_COMMANDS_H_
