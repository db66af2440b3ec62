// niwaki run: an exported network on an emulated board, its bytes compared with the host's.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/process/temporary_folder.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/board/build/firmware_build.h"
#include "libs/board/elf_sizes/elf_sizes.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/board/emulator/emulator.h"
#include "libs/board/emulator/firmware_output.h"
#include "libs/cost/cost.h"
#include "libs/cost/cost_message.h"
#include "libs/cost/figure.h"
#include "libs/cost/provenance.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/sensor_files.h"
#include "libs/engine/sensor/audio_front_end.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/snapshot.h"
#include "proto/niwaki/v1/cost.pb.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/exports/configured_run.h"
#include "services/cli/commands/exports/export_commands.h"
#include "services/cli/commands/exports/exported_network.h"
#include "services/cli/commands/exports/sensor_source.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

struct RunOptions {
  std::string folder;
  std::string board = "mps2-an386";
  // Whose flash and SRAM the firmware must fit; empty for the board's own.
  std::string device;
  // A recording in place of the test vector; empty for that.
  std::string wav;
  int timeout_s = 300;
};

// NOLINTNEXTLINE(bugprone-exception-escape): Json.
struct BoardRun {
  ExportedNetwork exported;
  board::EmulatedBoard board;
  board::ElfSizes sizes;
  board::FirmwareOutput output;
  // Of --device: what so many instructions take; not known for one whose core is not the board's.
  cost::Cost cost;
  // Names of classes; empty where the folder begins at the network's input.
  std::vector<std::string> class_names;

  const engine::BillOfMaterials& bill() const { return exported.bill; }
  uint64_t sensor_instructions() const { return board::InstructionsOf(board, output.sensor_ticks); }
  // Index of the largest output.
  size_t best() const {
    return std::max_element(output.output.begin(), output.output.end()) - output.output.begin();
  }
  uint64_t instructions() const { return board::InstructionsOf(board, output.ticks); }
};

// What the counted instructions take on a device; not known for one of another core.
cost::Figure LatencyOn(const device::Device& device, const BoardRun& run) {
  const auto snapshot = latency::DefaultSnapshot();
  const latency::LatencyModel* const model = snapshot->ModelFor(device);
  if (model == nullptr || device.core != run.board.core) return cost::Figure();
  return latency::LatencyOfInstructions(*model, run.instructions(), device.clock_hz / 1e6);
}

// The folder's sensor, and for --wav a test vector of that recording in the firmware's folder,
// which the compiler prefers to the one of the export.
absl::Status TakeSensor(const RunOptions& options, const std::string& work_folder, BoardRun& run) {
  if (run.bill().sensor.is_null()) {
    if (options.wav.empty()) return absl::OkStatus();
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("--wav")
        .Value(options.wav)
        .Message(absl::StrCat(options.folder,
                              " begins at the network's input and hears no recording: export a "
                              "subnet of a supernet that was trained on recordings, by the front "
                              "end that devices have"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const engine::Sensor sensor, engine::SensorFromJson(run.bill().sensor));
  run.class_names = sensor.class_names;
  if (options.wav.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int16_t> clip, ReadClip(sensor, options.wav));
  NIWAKI_ASSIGN_OR_RETURN(const NetworkInput input, ReadNetworkInput(run.bill().sensor));
  NIWAKI_ASSIGN_OR_RETURN(const auto front_end,
                          engine::AudioFrontEnd::Create(sensor, input.shape, input.levels));
  return WriteFileAtomically(absl::StrCat(work_folder, "/", run.bill().prefix, "_test.h"),
                             engine::ClipText(run.bill().prefix, clip, front_end->InputOf(clip)));
}

absl::StatusOr<BoardRun> RunOnBoard(Session& session, const RunOptions& options) {
  BoardRun run;
  NIWAKI_ASSIGN_OR_RETURN(run.board, board::FindEmulatedBoard(options.board));
  NIWAKI_ASSIGN_OR_RETURN(run.exported, ReadExportedNetwork(session, options.folder));
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFolder> work, TemporaryFolder::Create());
  board::FirmwareOptions firmware;
  firmware.board = run.board;
  ApplyExport(run.exported, firmware);
  firmware.work_folder = work->path();
  NIWAKI_RETURN_IF_ERROR(TakeSensor(options, work->path(), run));
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
    firmware.flash_bytes = std::min<int64_t>(device.flash_bytes(), run.board.flash_bytes);
    firmware.ram_bytes = std::min<int64_t>(device.sram_bytes(), run.board.ram_bytes);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::string elf, board::BuildFirmware(firmware));
  NIWAKI_ASSIGN_OR_RETURN(run.sizes, board::ReadElfSizes(elf));
  board::EmulatorOptions emulator;
  emulator.board = run.board;
  emulator.elf_path = elf;
  emulator.timeout_ms = options.timeout_s * 1000;
  NIWAKI_ASSIGN_OR_RETURN(run.output, board::RunFirmware(emulator));
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
    run.cost.latency_us = LatencyOn(device, run);
  }
  // Of a recording the board has compared the network's input; its output is what is asked for.
  if (options.wav.empty())
    NIWAKI_RETURN_IF_ERROR(CompareWithHost(run.exported, run.output.output, run.board.name));
  return run;
}

// Instructions of each operator; 0 for one that computes nothing.
std::vector<uint64_t> OperatorInstructions(const BoardRun& run) {
  std::vector<uint64_t> instructions;
  for (const uint64_t ticks : run.output.operator_ticks) {
    instructions.push_back(board::InstructionsOf(run.board, ticks));
  }
  instructions.resize(run.bill().profile ? run.bill().operators.size() : 0);
  return instructions;
}

std::string PerMac(uint64_t instructions, int64_t macs) {
  return macs == 0 ? "" : absl::StrFormat("%.2f", static_cast<double>(instructions) / macs);
}

void PrintSensor(Session& session, const RunOptions& options, const BoardRun& run) {
  if (run.class_names.empty()) return;
  if (run.best() < run.class_names.size()) {
    session.out() << "heard, seen   " << run.class_names[run.best()] << "\n";
  }
  session.out() << "sensor        " << FormatCount(run.sensor_instructions()) << " instructions ("
                << run.sensor_instructions() << ") from "
                << (options.wav.empty() ? "the test vector" : options.wav)
                << " to the network's input, whose bytes are the host's\n";
}

void PrintRun(Session& session, const RunOptions& options, const BoardRun& run) {
  session.out() << "board         " << run.board.name << " (" << run.board.core << "), emulated\n";
  PrintSensor(session, options, run);
  session.out() << "output        " << run.output.output.size()
                << (options.wav.empty() ? " bytes, equal to the host's\n"
                                        : " bytes, of an input equal to the host's\n")
                << "instructions  " << FormatCount(run.instructions()) << " ("
                << run.instructions();
  const std::string per_mac = PerMac(run.instructions(), run.bill().macs);
  if (!per_mac.empty()) session.out() << "; " << per_mac << " a MAC";
  session.out() << "), emulated\n";
  if (run.cost.latency_us.known()) {
    v1::Cost message;
    cost::ToMessage(run.cost, message);
    session.out() << "latency       " << FormatLatency(message.latency_us()) << " on "
                  << options.device << "\n";
  }
  session.out() << "arena         " << FormatBytes(run.bill().arena_bytes) << "\n"
                << "flash         " << FormatBytes(run.sizes.flash()) << ": text " << run.sizes.text
                << ", rodata " << run.sizes.rodata << ", data " << run.sizes.data << " bytes\n"
                << "RAM           " << FormatBytes(run.sizes.ram()) << ": data " << run.sizes.data
                << ", bss " << run.sizes.bss << " bytes; stack " << run.output.stack_bytes
                << " bytes used\n";
  const std::vector<uint64_t> operators = OperatorInstructions(run);
  if (operators.empty()) return;
  Table table({{"", Align::kRight},
               {"OPERATOR"},
               {"MACS", Align::kRight},
               {"INSTRUCTIONS", Align::kRight},
               {"A MAC", Align::kRight},
               {"SHARE", Align::kRight}});
  for (size_t i = 0; i < operators.size(); ++i) {
    const engine::BilledOperator& op = run.bill().operators[i];
    table.AddRow({absl::StrCat(i), op.text, FormatCount(op.macs), absl::StrCat(operators[i]),
                  PerMac(operators[i], op.macs),
                  absl::StrFormat("%.1f %%", 100.0 * static_cast<double>(operators[i]) /
                                                 static_cast<double>(run.instructions()))});
  }
  session.out() << "\n" << table.ToString();
}

void PrintRunJson(Session& session, const RunOptions& options, const BoardRun& run) {
  Json json;
  json["folder"] = options.folder;
  json["board"] = std::string(run.board.name);
  json["core"] = std::string(run.board.core);
  json["provenance"] = "EMULATED";
  json["output_bytes"] = run.output.output.size();
  // Of a recording the network's input alone is compared, by the board.
  json["equal"] = options.wav.empty() ? Json(true) : Json(nullptr);
  if (!run.class_names.empty()) {
    json["sensor_instructions"] = run.sensor_instructions();
    if (run.best() < run.class_names.size()) json["class"] = run.class_names[run.best()];
    json["outputs"] = Json::array();
    for (const int8_t level : run.output.output) json["outputs"].push_back(int{level});
  }
  json["instructions"] = run.instructions();
  json["latency_us"] = nullptr;
  json["latency_provenance"] = nullptr;
  if (run.cost.latency_us.known()) {
    json["latency_us"] = run.cost.latency_us.value();
    json["latency_provenance"] =
        std::string(cost::ProvenanceName(run.cost.latency_us.provenance()));
  }
  json["macs"] = run.bill().macs;
  json["arena_bytes"] = run.bill().arena_bytes;
  json["text_bytes"] = run.sizes.text;
  json["rodata_bytes"] = run.sizes.rodata;
  json["data_bytes"] = run.sizes.data;
  json["bss_bytes"] = run.sizes.bss;
  json["flash_bytes"] = run.sizes.flash();
  json["stack_bytes"] = run.output.stack_bytes;
  json["operators"] = Json::array();
  const std::vector<uint64_t> operators = OperatorInstructions(run);
  for (size_t i = 0; i < operators.size(); ++i) {
    const engine::BilledOperator& op = run.bill().operators[i];
    json["operators"].push_back(
        Json{{"text", op.text}, {"macs", op.macs}, {"instructions", operators[i]}});
  }
  session.PrintJson(json);
}

// What only the emulated boards' report knows.
absl::Status RefuseWithFile(const RunOptions& options) {
  if (options.device.empty() && options.wav.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(options.device.empty() ? "--wav" : "--device")
      .Value(options.board)
      .Message("--device and --wav are of emulated boards; a board's file has memory of its own");
}

absl::Status RunRun(Session& session, const RunOptions& options) {
  if (IsBoardFile(options.board)) {
    NIWAKI_RETURN_IF_ERROR(RefuseWithFile(options));
    return RunOnConfiguredBoard(session, options.folder, options.board);
  }
  NIWAKI_ASSIGN_OR_RETURN(const BoardRun run, RunOnBoard(session, options));
  if (session.json()) {
    PrintRunJson(session, options, run);
  } else {
    PrintRun(session, options, run);
  }
  return absl::OkStatus();
}

}  // namespace

void AddRunCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<RunOptions>();
  std::string boards;
  for (const board::EmulatedBoard& board : board::EmulatedBoards()) {
    absl::StrAppend(&boards, boards.empty() ? "" : ", ", board.name, " (", board.core, ")");
  }
  CLI::App* run = AddSubcommand(
      app, "run", "Run an exported network on a board",
      "niwaki run kws --board mps2-an500\n"
      "  niwaki run kws --board m33 --device stm32f746\n"
      "  niwaki run kws --board mps2-an500 --wav yes.wav\n"
      "  niwaki run kws --board bench.yaml\n\n"
      "Builds the folder by arm-none-eabi-gcc, runs its test vector in QEMU, compares the output\n"
      "with the host's byte for byte and counts instructions, which every run has as many of. A\n"
      "folder of niwaki export --profile gives them by operator. A board's file (docs/boards.md)\n"
      "says how a board of your own is reached, built for and flashed. With --device, the latency\n"
      "of those instructions there is predicted by the model of niwaki analyze.");
  run->add_option("folder", options->folder, "Of niwaki export --format c")->required();
  run->add_option("--board", options->board, absl::StrCat(boards, "; or a board's file"))
      ->capture_default_str();
  run->add_option(
      "--device", options->device,
      "Whose flash and SRAM the firmware must fit, and where its core is the board's what "
      "the instructions take there (niwaki devices)");
  run->add_option("--wav", options->wav,
                  "Of a network that hears: a recording in place of the test vector; its class is "
                  "printed");
  run->add_option("--timeout", options->timeout_s, "Seconds that the emulator may take")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  SetAction(run, session, options, RunRun);
}

}  // namespace niwaki::cli
