// Commands that exchange networks with the reference implementations (OFA, MCUNet):
//
//   niwaki supernet import FILE --space SPACE --out SUPERNET
//   niwaki supernet state-dict FILE --out CHECKPOINT
//   niwaki network import | export
//
// and those that look into other systems' files:
//
//   niwaki network describe MODEL.tflite|MODEL.onnx

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_NETWORK_COMMANDS_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_NETWORK_COMMANDS_H_

#include "services/cli/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace niwaki::cli {

// Add `import` and `state-dict` to the command `supernet`.
void AddSupernetImportCommand(CLI::App& supernet, Session& session);
void AddSupernetStateDictCommand(CLI::App& supernet, Session& session);

// Adds `describe` to the command `network`.
void AddNetworkDescribeCommand(CLI::App& network, Session& session);

// Adds the command `network` with its subcommands.
void AddNetworkCommand(CLI::App& app, Session& session);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_NETWORKS_NETWORK_COMMANDS_H_
