#include "services/cli/commands/exports/exported_network.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/test_vector.h"

namespace niwaki::cli {
namespace {

constexpr int64_t kMaxVectorBytes = 256 << 20;

}  // namespace

absl::StatusOr<ExportedNetwork> ReadExportedNetwork(Session& session, const std::string& folder) {
  ExportedNetwork exported;
  exported.folder = folder;
  NIWAKI_ASSIGN_OR_RETURN(exported.bill, engine::ReadBill(folder));
  NIWAKI_ASSIGN_OR_RETURN(const engine::FolderDifferences differences,
                          engine::CompareWithBill(folder, exported.bill));
  if (!differences.none()) {
    session.err() << "note: " << folder << " is not what was exported (niwaki export --check)\n";
  }
  const std::string vector = absl::StrCat(folder, "/", exported.bill.prefix, "_test.h");
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(vector, kMaxVectorBytes));
  NIWAKI_ASSIGN_OR_RETURN(exported.expected, engine::ReadTestOutput(text, vector));
  return exported;
}

void ApplyExport(const ExportedNetwork& exported, board::FirmwareOptions& firmware) {
  const engine::BillOfMaterials& bill = exported.bill;
  firmware.folder = exported.folder;
  firmware.prefix = bill.prefix;
  firmware.sources = bill.sources;
  firmware.profile = bill.profile;
  firmware.sensor = !bill.sensor.is_null();
  firmware.flags = absl::StrSplit(bill.compiler_flags, ' ', absl::SkipEmpty());
  firmware.network_digest = bill.network_digest;
}

absl::Status CompareWithHost(const ExportedNetwork& exported, absl::Span<const int8_t> output,
                             absl::string_view where) {
  const std::vector<int8_t>& expected = exported.expected;
  size_t wrong = 0;
  size_t first = 0;
  for (size_t i = 0; i < std::max(output.size(), expected.size()); ++i) {
    if (i < output.size() && i < expected.size() && output[i] == expected[i]) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong == 0) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("output")
      .Value(wrong)
      .Limit(0)
      .Message(absl::StrCat(wrong, " of ", expected.size(), " bytes of the output on ", where,
                            " are not the host's, the first at ", first));
}

}  // namespace niwaki::cli
