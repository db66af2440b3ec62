// niwaki run --board FILE: an exported network on a board that a file describes (docs/boards.md),
// its bytes compared with the host's.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_CONFIGURED_RUN_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_CONFIGURED_RUN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// Whether `board` is the name of a board's file, not of an emulated board.
bool IsBoardFile(absl::string_view board);

// Builds the folder's firmware, flashes it as the file says, runs the test vector, prints. DataLoss
// where a byte of the output is not the host's; the errors of ReadBoardConfig, BuildFirmware and
// ConnectedBoard, whose messages say whose fault it is.
absl::Status RunOnConfiguredBoard(Session& session, const std::string& folder,
                                  const std::string& board_file);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_CONFIGURED_RUN_H_
