// The folder of an exported network, as boards run it.

#ifndef NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORTED_NETWORK_H_
#define NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORTED_NETWORK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/board/build/firmware_build.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "services/cli/session.h"

namespace niwaki::cli {

// NOLINTNEXTLINE(bugprone-exception-escape): Json.
struct ExportedNetwork {
  std::string folder;
  engine::BillOfMaterials bill;
  // The host's output of the test vector.
  std::vector<int8_t> expected;
};

// A note on the session's error stream says that somebody has changed the folder. The errors of
// ReadBill and of a test vector that cannot be read.
absl::StatusOr<ExportedNetwork> ReadExportedNetwork(Session& session, const std::string& folder);

// What the bill says, put into the options of a firmware of it.
void ApplyExport(const ExportedNetwork& exported, board::FirmwareOptions& firmware);

// DataLoss with reason DATA_CORRUPT where `output` is not the host's: how many bytes differ and
// where the first is. `where` names the board.
absl::Status CompareWithHost(const ExportedNetwork& exported, absl::Span<const int8_t> output,
                             absl::string_view where);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_COMMANDS_EXPORTS_EXPORTED_NETWORK_H_
