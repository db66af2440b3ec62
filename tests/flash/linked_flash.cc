#include "tests/flash/linked_flash.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::flash {
namespace {

constexpr int64_t kAllowedBytes = 1024;
constexpr int64_t kAllowedShare = 100;

}  // namespace

engine::NetworkPlan PlanOf(const arch::Graph& graph, const FlashOptions& options) {
  if (!options.by_rows) return engine::PlanNetwork(graph);
  return engine::NetworkPlanner().Smallest(graph).plan;
}

int64_t LinkedFlash::allowed_bytes() const {
  return std::max(kAllowedBytes, linked_bytes / kAllowedShare);
}

bool LinkedFlash::within() const { return std::abs(error_bytes()) <= allowed_bytes(); }

absl::StatusOr<LinkedFlash> LinkFlash(const engine::QuantisedNetwork& network,
                                      const FlashOptions& flash_options,
                                      const board::EmulatedBoard& board,
                                      const std::string& folder) {
  const engine::NetworkPlan plan = PlanOf(network.graph, flash_options);
  engine::EmitOptions options;
  options.kernels = flash_options.kernels;
  NIWAKI_ASSIGN_OR_RETURN(const engine::FileTree files, engine::EmitC(network, plan, options));
  board::FirmwareOptions firmware;
  firmware.board = board;
  firmware.folder = folder;
  firmware.work_folder = folder;
  firmware.prefix = options.prefix;
  firmware.flags = absl::StrSplit(engine::kCompilerFlags, ' ');
  firmware.sources = engine::SourcesOf(files);
  firmware.object_cache = board::ProcessObjects();
  NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder, files));
  NIWAKI_ASSIGN_OR_RETURN(const std::string elf, board::LinkNetwork(firmware));
  NIWAKI_ASSIGN_OR_RETURN(const board::ElfSizes sizes, board::ReadElfSizes(elf));
  LinkedFlash result;
  result.predicted = engine::PlanFlash(network.graph, plan, options.kernels);
  result.calls = engine::CallsOf(network.graph, plan, options.kernels);
  result.linked_bytes = sizes.flash();
  return result;
}

}  // namespace niwaki::flash
