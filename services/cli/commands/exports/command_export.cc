// niwaki export: an int8 network as C that builds by itself, or as a TensorFlow Lite or ONNX file.

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/board/build/firmware_build.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/emit_c.h"
#include "libs/engine/emit/export_folder.h"
#include "libs/engine/emit/sensor_files.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/streams/row_streams.h"
#include "libs/engine/quantise/int8_input.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/interchange/onnx/write_model.h"
#include "libs/interchange/tflite/write_model.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/exports/export_commands.h"
#include "services/cli/commands/exports/int8_source.h"
#include "services/cli/commands/exports/sensor_source.h"

namespace niwaki::cli {
namespace {

struct ExportOptions {
  Int8Source source;
  std::string format = "c";
  std::string out;
  engine::EmitOptions emit;
  std::string kernels = "fast";
  // A clip for the test vector; empty for one that is made up.
  std::string wav;
  bool force = false;
  std::string device;
  std::string sram;
  std::string schedule = "fastest";
  bool input_by_rows = false;
  // A folder to check instead.
  std::string check;
};

absl::Status Wrong(absl::string_view field, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Message(message);
}

// Files of a folder that are not as exported, as lines of an error.
absl::Status DifferencesAsError(const std::string& folder,
                                const engine::FolderDifferences& differences) {
  std::vector<ErrorItem> items;
  for (const std::string& path : differences.changed) items.push_back({path, "changed"});
  for (const std::string& path : differences.missing) items.push_back({path, "missing"});
  for (const std::string& path : differences.added) items.push_back({path, "added"});
  std::string message = absl::StrCat(folder, " is not what was exported: ");
  if (items.size() == 1) {
    absl::StrAppend(&message, items[0].name, " ", items[0].problem);
  } else {
    absl::StrAppend(&message, "changed ", differences.changed.size(), ", ", "missing ",
                    differences.missing.size(), ", added ", differences.added.size(), " files");
  }
  absl::Status status = Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch)
                            .Field("--check")
                            .Value(folder)
                            .Message(message);
  SetErrorItems(status, items);
  return status;
}

absl::Status CheckFolder(Session& session, const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const engine::BillOfMaterials bill, engine::ReadBill(folder));
  NIWAKI_ASSIGN_OR_RETURN(const engine::FolderDifferences differences,
                          engine::CompareWithBill(folder, bill));
  if (!differences.none()) return DifferencesAsError(folder, differences);
  if (session.json()) {
    session.PrintJson(Json{{"folder", folder}, {"files", bill.files.size()}, {"unchanged", true}});
  } else {
    session.out() << folder << ": all " << bill.files.size() << " files are as exported\n";
  }
  return absl::OkStatus();
}

engine::KernelSet KernelsOf(const ExportOptions& options) {
  return options.kernels == "plain" ? engine::KernelSet::kPlain : engine::KernelSet::kFast;
}

// Whether the network fits the memory and the device of the command line, if there are such.
absl::Status CheckFits(const ExportOptions& options, const engine::QuantisedNetwork& network,
                       const engine::NetworkPlan& plan) {
  if (!options.sram.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const int64_t limit, ParseBytes(options.sram));
    NIWAKI_RETURN_IF_ERROR(
        engine::CheckFits(network.graph, plan.memory, limit, "the limit (--sram)"));
  }
  const std::string& name = options.device;
  if (name.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(name));
  NIWAKI_RETURN_IF_ERROR(engine::CheckFits(network.graph, plan.memory, device.sram_bytes(),
                                           absl::StrCat("the SRAM of ", name)));
  const engine::FlashBytes flash = engine::PlanFlash(network.graph, plan, KernelsOf(options));
  if (flash.total() <= device.flash_bytes()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
      .Field("flash_bytes")
      .Value(flash.total())
      .Limit(device.flash_bytes())
      .Message(absl::StrCat("the network needs about ", FormatBytes(flash.total()),
                            " of flash, of which ", FormatBytes(flash.total() - flash.code),
                            " are weights and tables; the flash of ", name, " is ",
                            FormatBytes(device.flash_bytes())));
}

void Report(Session& session, const std::string& folder, const engine::BillOfMaterials& bill) {
  if (session.json()) {
    session.PrintJson(Json{{"folder", folder},
                           {"prefix", bill.prefix},
                           {"files", bill.files.size()},
                           {"macs", bill.macs},
                           {"arena_bytes", bill.arena_bytes},
                           {"peak_operator", bill.peak_operator},
                           {"constant_bytes", bill.constant_bytes}});
    return;
  }
  session.out() << "written  " << folder << ": " << bill.files.size() << " files and "
                << engine::kBillName << "\n"
                << "MACs     " << FormatCount(bill.macs) << "\n"
                << "arena    " << FormatBytes(bill.arena_bytes)
                << ", all that the network needs while it runs; operator " << bill.peak_operator
                << " (" << bill.operators[bill.peak_operator].text << ") needs the most\n"
                << "flash    " << FormatBytes(bill.constant_bytes)
                << " of weights and tables, and the code\n\n"
                << "Test it here: make -C " << folder << " test\n"
                << "On a board:   niwaki run " << folder << " --board mps2-an386\n";
}

// The memory that the fastest schedule may use: of --sram; the device's; any.
absl::StatusOr<int64_t> SramLimit(const ExportOptions& options) {
  if (!options.sram.empty()) return ParseBytes(options.sram);
  if (options.device.empty()) return std::numeric_limits<int64_t>::max();
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
  return device.sram_bytes();
}

// The plan that the options ask for.
absl::StatusOr<engine::NetworkPlan> PlanFor(const ExportOptions& options,
                                            const Int8Network& source) {
  const arch::Graph& graph = source.network.graph;
  engine::PlanOptions plan_options;
  plan_options.input_by_rows = options.input_by_rows;
  if (options.input_by_rows && !engine::InputByRowsIsPossible(graph)) {
    return Wrong("--input-by-rows",
                 "the operators that read the image need more than some rows of it at a time");
  }
  if (options.schedule == "whole") {
    if (!options.input_by_rows) return engine::PlanNetwork(graph);
    return Wrong("--schedule", "operators that run whole need the whole image: no --input-by-rows");
  }
  engine::NetworkPlanner planner(plan_options);
  if (options.schedule == "smallest") return planner.Smallest(graph).plan;
  // What the job counted with for a candidate, so that its folder takes what the front says.
  if (options.sram.empty() && source.sram_bytes > 0 && !options.input_by_rows) {
    return planner.OfCost(graph, source.schedule, source.sram_bytes).plan;
  }
  NIWAKI_ASSIGN_OR_RETURN(const int64_t limit, SramLimit(options));
  return planner.Fastest(graph, limit).plan;
}

// Adds what stands between a sensor and the network to `files` and the bill, where the network's
// data says what that is.
absl::Status AddSensorTo(Session& session, const ExportOptions& options, const Int8Network& source,
                         const engine::EmitOptions& emit, engine::FileTree& files, Json& bill) {
  absl::StatusOr<engine::SensorOptions> sensor = SensorOfExport(source.made_from, options.wav);
  if (!sensor.ok()) {
    // Without a recording there is still a network, as there was before.
    if (!options.wav.empty()) return sensor.status();
    session.err() << "note: the folder begins at the network's input: " << sensor.status().message()
                  << "\n";
    return absl::OkStatus();
  }
  NIWAKI_RETURN_IF_ERROR(engine::AddSensor(source.network, emit, *sensor, files));
  bill = engine::SensorToJson(sensor->sensor);
  AddNetworkInput(source.network, bill);
  return absl::OkStatus();
}

absl::Status ExportC(Session& session, const ExportOptions& options) {
  NIWAKI_RETURN_IF_ERROR(engine::CheckPrefix(options.emit.prefix));
  NIWAKI_RETURN_IF_ERROR(engine::CheckExportFolder(options.out, options.force));
  NIWAKI_ASSIGN_OR_RETURN(Int8Network source, ReadInt8Network(session, options.source));
  if (options.input_by_rows) source.network = engine::WithInt8Input(source.network);
  NIWAKI_ASSIGN_OR_RETURN(const engine::NetworkPlan plan, PlanFor(options, source));
  NIWAKI_RETURN_IF_ERROR(CheckFits(options, source.network, plan));
  engine::EmitOptions emit = options.emit;
  emit.kernels = KernelsOf(options);
  emit.title = source.title;
  Json sensor;
  NIWAKI_ASSIGN_OR_RETURN(engine::FileTree files, engine::EmitC(source.network, plan, emit));
  if (source.made_from.contains("trained_on") || !options.wav.empty()) {
    NIWAKI_RETURN_IF_ERROR(AddSensorTo(session, options, source, emit, files, sensor));
  }
  engine::BillOfMaterials bill = engine::MakeBill(source.network, plan.memory, emit, files);
  bill.made_from = source.made_from;
  bill.sensor = sensor;
  bill.compiler = board::kCrossCompiler;
  // Who has none builds elsewhere.
  bill.compiler_version = board::CompilerVersion().value_or("");
  NIWAKI_RETURN_IF_ERROR(engine::WriteExport(options.out, files, bill, options.force));
  Report(session, options.out, bill);
  return absl::OkStatus();
}

absl::Status ExportNetworkFile(Session& session, const ExportOptions& options) {
  if (FileExists(options.out) && !options.force && !IsStream(options.out)) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kAlreadyExists)
        .Field("--out")
        .Value(options.out)
        .Message(absl::StrCat(options.out, " is there: --force replaces it"));
  }
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.out));
  NIWAKI_ASSIGN_OR_RETURN(const Int8Network source, ReadInt8Network(session, options.source));
  NIWAKI_ASSIGN_OR_RETURN(const engine::NetworkPlan plan, PlanFor(options, source));
  NIWAKI_RETURN_IF_ERROR(CheckFits(options, source.network, plan));
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, options.format == "onnx"
                                                       ? interchange::WriteOnnx(source.network)
                                                       : interchange::WriteModel(source.network));
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.out, bytes));
  if (session.json()) {
    session.PrintJson(Json{{"file", options.out}, {"bytes", bytes.size()}});
  } else if (!IsStream(options.out)) {
    session.out() << "written  " << options.out << ": " << FormatBytes(bytes.size()) << ", "
                  << source.network.graph.ops.size() << " operators\n";
  }
  return absl::OkStatus();
}

absl::Status RunExport(Session& session, const ExportOptions& options) {
  if (!options.check.empty()) {
    if (!options.source.network.empty()) {
      return Wrong("--check", "--check looks at a folder and exports nothing: give no network");
    }
    return CheckFolder(session, options.check);
  }
  if (options.source.network.empty()) return Wrong("network", "name what to export, or --check");
  if (options.out.empty()) return Wrong("--out", "--out is required");
  return options.format == "c" ? ExportC(session, options) : ExportNetworkFile(session, options);
}

}  // namespace

void AddExportCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = AddSubcommand(
      app, "export", "Write an int8 network as C for a microcontroller, as TensorFlow Lite or ONNX",
      "niwaki export model.tflite --out kws --prefix kws\n"
      "  niwaki export model.onnx --format tflite --out model.tflite\n"
      "  niwaki export jobs/my-job/candidates/7 --out kws --device stm32f746\n"
      "  niwaki export max --supernet kws.supernet.safetensors --data keywords.nwd --out kws\n"
      "  niwaki export @best.json --supernet kws.supernet.safetensors --data keywords.nwd \\\n"
      "      --format tflite --out best.tflite\n"
      "  niwaki export --check kws\n\n"
      "The folder builds by itself, by make or CMake, with gcc or arm-none-eabi-gcc, and has a\n"
      "test vector. Of a subnet it begins at the sensor: samples of a microphone or frames of a\n"
      "camera in, the bytes of the training data, the class out, and for keywords a loop over a\n"
      "stream;\n"
      "its README.md says how to use it. --check says whether its files still are\n"
      "what was exported. Subnets are quantised by niwaki-train; a candidate's supernet and data\n"
      "come from the coordinator, and so does the int8 network of one that was proven: the very\n"
      "bytes and schedule that were scored and ran on the board (niwaki front).");
  command->add_option(
      "network", options->source.network,
      "FILE.tflite; FILE.onnx; a candidate: JOB/SLOT, JOB/best; or a subnet: min, max, "
      "OFA's JSON, @FILE");
  command->add_option("--supernet", options->source.supernet, "Of a subnet: the supernet's file");
  command->add_option("--data", options->source.data, "Of a subnet: prepared data to calibrate on");
  command->add_option("--format", options->format, "c: a folder; tflite, onnx: a file")
      ->check(CLI::IsMember({"c", "tflite", "onnx"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder to make, or file");
  command
      ->add_option("--prefix", options->emit.prefix, "Begins the names of files and symbols of C")
      ->capture_default_str();
  command->add_flag("--profile", options->emit.profile,
                    "Add a hook that is called behind each operator");
  command
      ->add_option("--kernels", options->kernels,
                   "fast: by the DSP extension of Cortex-M4, M7, M33; plain: the least flash")
      ->check(CLI::IsMember({"fast", "plain"}))
      ->capture_default_str();
  command->add_option("--seed", options->emit.seed, "Of the test vector's input")
      ->capture_default_str();
  command->add_option("--wav", options->wav,
                      "Of a network that hears: a recording for the test vector, of the network's "
                      "rate; without it a tone in noise");
  command->add_option("--device", options->device,
                      "Refuse a network that does not fit this device (niwaki devices)");
  command
      ->add_option("--schedule", options->schedule,
                   "How C runs: fastest: with the fewest instructions that fit --sram; smallest: "
                   "row by row where that saves memory; whole: one operator after the other")
      ->check(CLI::IsMember({"fastest", "smallest", "whole"}))
      ->capture_default_str();
  command->add_option("--sram", options->sram,
                      "Memory that the fastest schedule may use: 64kB, 320 KiB. Without it a "
                      "candidate's schedule is that of its cost, and else fits --device, if any");
  command->add_flag(
      "--input-by-rows", options->input_by_rows,
      "The image comes row after row from a callback and is not in memory as a whole; int8 rows, "
      "also of a network that quantises floats");
  command->add_flag("--force", options->force, "Replace an export that has been changed");
  command->add_option("--check", options->check, "Compare this folder with its bill of materials");
  SetAction(command, session, options, RunExport);
}

}  // namespace niwaki::cli
