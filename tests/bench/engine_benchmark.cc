#include "tests/bench/engine_benchmark.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/build/process_objects.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/emit_options.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/emit/test_vector.h"
#include "libs/engine/plan/arenas.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"
#include "tests/bench/engine_peers.h"

namespace niwaki::bench {
namespace {

constexpr double kMillion = 1e6;
constexpr double kKilobyte = 1024;
// Of TinyEngine's arena; and of the instructions of whole operators, in percent.
constexpr double kMostStreamed = 0.40;
constexpr double kMostByRows = 0.28;
constexpr double kMostPrice = 8;
// Of TinyEngine's instructions, and of its flash.
constexpr double kMostInstructions = 0.45;
constexpr double kMostFlash = 1;

struct Model {
  const char* name;
  const char* path;
  EnginePeers peers;
  // What the arenas may be: streamed over TinyEngine's, and in KiB.
  double most_streamed = kMostStreamed;
  std::optional<double> most_streamed_kb = std::nullopt;
  std::optional<double> most_by_rows_kb = std::nullopt;
  // On a Cortex-M7, whole operators.
  std::optional<double> most_mega_instructions = std::nullopt;
};

// Of a network that only its instructions are held against.
constexpr Model Counted(const char* name, const char* path, const EnginePeers& peers,
                        double most_mega_instructions) {
  return {name, path, peers, kMostStreamed, std::nullopt, std::nullopt, most_mega_instructions};
}

constexpr Model kModels[] = {
    Counted("ad", "mlperf_tiny/ad01_int8.tflite", kAdPeers, 0.40),
    Counted("kws", "mlperf_tiny/kws_ref_model.tflite", kKwsPeers, 3.6),
    Counted("ic", "mlperf_tiny/pretrainedResnet_quant.tflite", kIcPeers, 12.5),
    Counted("vww96", "mlperf_tiny/vww_96_int8.tflite", kVww96Peers, 8.5),
    {"vww1", "mcunet/tinyengine_vww.tflite", kVww1Peers, 0.30, std::nullopt, 17.0},
    {"in3", "mcunet/mcunet-320kb-1mb_imagenet.tflite", kIn3Peers, kMostStreamed, 100.0, 60.0},
    {"in4", "mcunet/mcunet-512kb-2mb_imagenet.tflite", kIn4Peers, 0.30, std::nullopt, 80.0},
};

// A network as emitted, on disk.
struct Emitted {
  std::string folder;
  std::vector<std::string> sources;
  std::vector<int8_t> output;
  int64_t arena_bytes = 0;
  // As the flash model says.
  int64_t predicted_flash_bytes = 0;
};

// A figure that only informs, less being better.
Figure Informs(std::string name, double value, std::string unit, std::string beside = "") {
  Figure figure{std::move(name), value, std::move(unit), std::nullopt, Better::kLower};
  figure.beside = std::move(beside);
  return figure;
}

absl::StatusOr<Emitted> Emit(const engine::QuantisedNetwork& network,
                             const engine::NetworkPlan& plan, const std::string& name,
                             const std::string& folder) {
  engine::EmitOptions options;
  options.prefix = name;
  NIWAKI_ASSIGN_OR_RETURN(const engine::FileTree files, engine::EmitC(network, plan, options));
  Emitted emitted;
  emitted.folder = folder;
  emitted.arena_bytes = plan.memory.arena_bytes;
  emitted.predicted_flash_bytes = engine::PlanFlash(network.graph, plan).total();
  emitted.sources = engine::SourcesOf(files);
  NIWAKI_RETURN_IF_ERROR(engine::WriteFiles(folder, files));
  NIWAKI_ASSIGN_OR_RETURN(emitted.output,
                          engine::ReadTestOutput(files.at(absl::StrCat(name, "_test.h")), name));
  return emitted;
}

// What a build of the network takes on a board.
struct BoardRun {
  double instructions = 0;
  int64_t flash_bytes = 0;
};

absl::StatusOr<BoardRun> RunOn(const Model& model, const Emitted& emitted,
                               const board::EmulatedBoard& board) {
  board::FirmwareOptions firmware;
  firmware.board = board;
  firmware.folder = emitted.folder;
  firmware.prefix = model.name;
  firmware.sources = emitted.sources;
  firmware.object_cache = board::ProcessObjects();
  firmware.flags = absl::StrSplit(engine::kCompilerFlags, ' ');
  firmware.work_folder = absl::StrCat(emitted.folder, "-", board.name);
  NIWAKI_RETURN_IF_ERROR(MakeFolders(firmware.work_folder));
  board::EmulatorOptions run;
  run.board = board;
  run.timeout_ms = 600000;
  NIWAKI_ASSIGN_OR_RETURN(run.elf_path, board::BuildFirmware(firmware));
  NIWAKI_ASSIGN_OR_RETURN(const std::string linked, board::LinkNetwork(firmware));
  NIWAKI_ASSIGN_OR_RETURN(const board::ElfSizes sizes, board::ReadElfSizes(linked));
  NIWAKI_ASSIGN_OR_RETURN(const board::FirmwareOutput output, board::RunFirmware(run));
  if (output.output != emitted.output) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field(model.name)
        .Message(absl::StrCat(model.name, " on ", board.name, " does not give the host's bytes"));
  }
  return BoardRun{static_cast<double>(board::InstructionsOf(board, output.ticks)), sizes.flash()};
}

void AddRun(const Model& model, const std::string& name, const board::EmulatedBoard& board,
            const BoardRun& run, std::vector<Figure>& figures) {
  // The peers' instructions are of a Cortex-M7.
  const bool has_peer = board.core == "cortex-m7";
  figures.push_back(Informs(name, run.instructions / kMillion, "M instr.",
                            has_peer ? PeersText(model.peers.mega_instructions) : ""));
  figures.push_back(Informs(absl::StrCat(name, ": flash"),
                            static_cast<double>(run.flash_bytes) / kKilobyte, "kB",
                            PeersText(model.peers.flash_kb)));
}

// Whole operators on a Cortex-M7 against what they are held to.
void AddWholeTargets(const Model& model, const BoardRun& run, std::vector<Figure>& figures) {
  const double mega = run.instructions / kMillion;
  if (model.most_mega_instructions.has_value()) {
    figures.push_back({absl::StrCat(model.name, ": instructions, held to"), mega, "M instr.",
                       model.most_mega_instructions, Better::kLower});
  }
  if (model.peers.mega_instructions.tiny_engine > 0) {
    figures.push_back({absl::StrCat(model.name, ": instructions, over TinyEngine's"),
                       mega / model.peers.mega_instructions.tiny_engine, "times", kMostInstructions,
                       Better::kLower});
  }
  if (model.peers.flash_kb.tiny_engine > 0) {
    figures.push_back(
        {absl::StrCat(model.name, ": flash, over TinyEngine's"),
         static_cast<double>(run.flash_bytes) / kKilobyte / model.peers.flash_kb.tiny_engine,
         "times", kMostFlash, Better::kLower});
  }
}

// An arena, and over TinyEngine's where that is known.
void AddArena(const Model& model, const char* kind, int64_t bytes, double most_over_tiny_engine,
              std::optional<double> most_kb, std::vector<Figure>& figures) {
  const double kb = static_cast<double>(bytes) / kKilobyte;
  Figure arena = Informs(absl::StrCat(model.name, ": arena, ", kind), kb, "kB",
                         PeersText(model.peers.arena_kb));
  arena.target = most_kb;
  figures.push_back(std::move(arena));
  if (model.peers.arena_kb.tiny_engine <= 0) return;
  figures.push_back({absl::StrCat(model.name, ": arena, ", kind, ", over TinyEngine's"),
                     kb / model.peers.arena_kb.tiny_engine, "times", most_over_tiny_engine,
                     Better::kLower});
}

// Whole operators on every core; of the smallest schedule its arenas, and on a Cortex-M7 what it
// costs.
absl::Status AddModel(const Model& model, const engine::QuantisedNetwork& network,
                      const std::string& folder, std::vector<Figure>& figures) {
  const std::vector<engine::Arena> arenas = engine::ArenasOf(network.graph);
  NIWAKI_ASSIGN_OR_RETURN(const Emitted whole, Emit(network, arenas[0].plan, model.name,
                                                    absl::StrCat(folder, "/", model.name)));
  figures.push_back(Informs(absl::StrCat(model.name, ": arena, whole"),
                            static_cast<double>(whole.arena_bytes) / kKilobyte, "kB",
                            PeersText(model.peers.arena_kb)));
  for (const engine::Arena& arena : arenas) {
    const int64_t bytes = arena.plan.memory.arena_bytes;
    if (arena.kind == engine::ArenaKind::kStreamed) {
      AddArena(model, "streamed", bytes, model.most_streamed, model.most_streamed_kb, figures);
    } else if (arena.kind == engine::ArenaKind::kInputByRows) {
      AddArena(model, "input by rows", bytes, kMostByRows, model.most_by_rows_kb, figures);
    }
  }
  figures.push_back(Informs(absl::StrCat(model.name, ": flash as the model says"),
                            static_cast<double>(whole.predicted_flash_bytes) / kKilobyte, "kB"));
  double whole_instructions = 0;
  for (const char* core : {"cortex-m4", "cortex-m7"}) {
    NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard board, board::FindEmulatedBoard(core));
    NIWAKI_ASSIGN_OR_RETURN(const BoardRun run, RunOn(model, whole, board));
    AddRun(model, absl::StrCat(model.name, " on ", core), board, run, figures);
    if (core == std::string("cortex-m7")) AddWholeTargets(model, run, figures);
    whole_instructions = run.instructions;
  }
  const engine::NetworkPlan& smallest = arenas[1].plan;
  if (smallest == arenas[0].plan) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(
      const Emitted streamed,
      Emit(network, smallest, model.name, absl::StrCat(folder, "/", model.name, "-streamed")));
  NIWAKI_ASSIGN_OR_RETURN(const board::EmulatedBoard board, board::FindEmulatedBoard("cortex-m7"));
  NIWAKI_ASSIGN_OR_RETURN(const BoardRun run, RunOn(model, streamed, board));
  AddRun(model, absl::StrCat(model.name, " streamed on cortex-m7"), board, run, figures);
  figures.push_back({absl::StrCat(model.name, ": price of streaming, instructions"),
                     100 * (run.instructions / whole_instructions - 1), "%", kMostPrice,
                     Better::kLower});
  return absl::OkStatus();
}

// 1x1 convolutions of 256 channels: 65,536 weights each.
engine::QuantisedNetwork MillionParameters() {
  constexpr int kChannels = 256;
  constexpr int kLayers = 16;
  engine::QuantisedNetwork network;
  network.graph.tensors.push_back({4, 4, kChannels});
  network.tensors.push_back({0.05F, 0});
  for (int layer = 0; layer < kLayers; ++layer) {
    network.graph.tensors.push_back({4, 4, kChannels});
    network.tensors.push_back({0.05F, 0});
    arch::Op op;
    op.input = layer;
    op.output = layer + 1;
    op.weight = layer;
    op.bias = true;
    network.graph.ops.push_back(op);
    network.graph.weights.push_back({arch::WeightRole::kImported, -1, static_cast<int16_t>(layer)});
    engine::QuantisedWeight weight;
    for (int i = 0; i < kChannels * kChannels; ++i) {
      weight.values.push_back(static_cast<int8_t>(i * 7 % 255 - 127));
    }
    weight.scales.assign(1, 0.001F);
    weight.biases.assign(kChannels, 10);
    network.weights.push_back(std::move(weight));
  }
  network.graph.output = kLayers;
  return network;
}

}  // namespace

absl::StatusOr<double> EmissionSeconds() {
  const engine::QuantisedNetwork network = MillionParameters();
  const absl::Time begin = absl::Now();
  NIWAKI_RETURN_IF_ERROR(engine::EmitC(network, engine::PlanNetwork(network.graph), {}).status());
  return absl::ToDoubleSeconds(absl::Now() - begin);
}

absl::StatusOr<std::vector<Figure>> BoardFigures(const std::string& shared,
                                                 const std::string& folder) {
  std::vector<Figure> figures;
  for (const Model& model : kModels) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(absl::StrCat(shared, "/models/", model.path)));
    NIWAKI_ASSIGN_OR_RETURN(const engine::QuantisedNetwork network, interchange::ReadTflite(bytes));
    NIWAKI_RETURN_IF_ERROR(AddModel(model, engine::FusePads(network), folder, figures));
  }
  return figures;
}

}  // namespace niwaki::bench
