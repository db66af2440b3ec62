#include "tests/latency/counted_network.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/emit/test_vector.h"

namespace niwaki::latency {
namespace {

// Plain kernels of the largest network of the fit take some 10 seconds.
constexpr int kTimeoutMs = 600000;

}  // namespace

engine::KernelSet KernelsOfCore(absl::string_view core) {
  for (const char* dsp : {"cortex-m4", "cortex-m7", "cortex-m33"}) {
    if (core == dsp) return engine::KernelSet::kFast;
  }
  return engine::KernelSet::kPlain;
}

absl::StatusOr<InstructionCount> CountInstructions(const engine::QuantisedNetwork& network,
                                                   const board::EmulatedBoard& board,
                                                   bool by_operator, const std::string& folder) {
  return CountInstructions(network, engine::PlanNetwork(network.graph), board, by_operator, folder);
}

absl::StatusOr<InstructionCount> CountInstructions(const engine::QuantisedNetwork& network,
                                                   const engine::NetworkPlan& plan,
                                                   const board::EmulatedBoard& board,
                                                   bool by_operator, const std::string& folder) {
  engine::EmitOptions options;
  options.kernels = KernelsOfCore(board.core);
  options.profile = by_operator;
  NIWAKI_ASSIGN_OR_RETURN(const engine::FileTree files, engine::EmitC(network, plan, options));
  board::FirmwareOptions firmware;
  firmware.board = board;
  firmware.folder = folder;
  firmware.work_folder = folder;
  firmware.prefix = options.prefix;
  firmware.profile = options.profile;
  firmware.flags = absl::StrSplit(engine::kCompilerFlags, ' ');
  firmware.sources = engine::SourcesOf(files);
  firmware.object_cache = board::ProcessObjects();
  NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder, files));
  InstructionCount count;
  NIWAKI_ASSIGN_OR_RETURN(count.elf_path, board::BuildFirmware(firmware));
  board::EmulatorOptions run;
  run.board = board;
  run.elf_path = count.elf_path;
  run.timeout_ms = kTimeoutMs;
  NIWAKI_ASSIGN_OR_RETURN(const board::FirmwareOutput output, board::RunFirmware(run));
  NIWAKI_ASSIGN_OR_RETURN(
      const std::vector<int8_t> expected,
      engine::ReadTestOutput(files.at(absl::StrCat(options.prefix, "_test.h")), options.prefix));
  if (output.output != expected) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field("output")
        .Message(absl::StrCat("the output on ", board.name, " is not the host's"));
  }
  count.total = board::InstructionsOf(board, output.ticks);
  for (const uint64_t ticks : output.operator_ticks) {
    count.operators.push_back(board::InstructionsOf(board, ticks));
  }
  if (by_operator) count.operators.resize(network.graph.ops.size());
  return count;
}

}  // namespace niwaki::latency
