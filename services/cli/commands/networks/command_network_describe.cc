// niwaki network describe: what a quantised network file holds and what it takes on a device,
// before anything is flashed.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/units.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/network_file.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/networks/network_commands.h"
#include "services/cli/show/networks/memory_picture.h"
#include "services/cli/show/networks/memory_text.h"
#include "services/cli/show/networks/operator_table.h"

namespace niwaki::cli {
namespace {

struct DescribeOptions {
  std::string file;
  std::string memory;
  std::string sram;
};

// A microcontroller's whole flash is far smaller.
constexpr int64_t kMaxModelBytes = 64 << 20;

struct Description {
  engine::QuantisedNetwork network;
  engine::NetworkPlan plan;
  engine::FlashBytes flash;
};

absl::StatusOr<Description> Describe(const std::string& file) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file, kMaxModelBytes));
  auto network = interchange::ReadNetworkFile(bytes, file);
  if (!network.ok()) return Annotate(network.status(), file);
  Description description;
  // As it is emitted: pads are no operators of their own where a convolution takes them over.
  description.network = engine::FusePads(*network);
  description.plan = engine::PlanNetwork(description.network.graph);
  description.flash = engine::PlanFlash(description.network.graph, description.plan);
  return description;
}

void PrintDescription(Session& session, const DescribeOptions& options, const Description& d) {
  const arch::Graph& graph = d.network.graph;
  const int peak = d.plan.memory.peak_op;
  session.out() << "file     " << options.file << "\n"
                << "MACs     " << FormatCount(arch::CountMacs(graph)) << "\n"
                << "params   " << FormatCount(arch::CountParams(graph)) << "\n"
                << "SRAM     " << FormatBytes(d.plan.memory.arena_bytes)
                << ", all that the network needs while it runs; operator " << peak << " ("
                << arch::OpKindName(graph.ops[peak].kind) << ") needs the most\n"
                << "flash    " << FormatBytes(d.flash.total()) << ", of which "
                << FormatBytes(d.flash.constants()) << " weights and tables\n\n";
  session.out() << OperatorTable(graph, d.plan.memory);
}

void PrintDescriptionJson(Session& session, const DescribeOptions& options, const Description& d) {
  const arch::Graph& graph = d.network.graph;
  Json json;
  json["file"] = options.file;
  json["macs"] = arch::CountMacs(graph);
  json["params"] = arch::CountParams(graph);
  json["sram_bytes"] = d.plan.memory.arena_bytes;
  json["peak_operator"] = d.plan.memory.peak_op;
  json["flash_bytes"] = d.flash.total();
  json["operators"] = Json::array();
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    json["operators"].push_back(OperatorToJson(graph, d.plan.memory, static_cast<int>(i)));
  }
  session.PrintJson(json);
}

absl::Status RunDescribe(Session& session, const DescribeOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const Description description, Describe(options.file));
  const arch::Graph& graph = description.network.graph;
  if (options.memory == "-" && !session.json()) {
    session.out() << MemoryTable(graph, description.plan.memory);
  } else if (!options.memory.empty()) {
    NIWAKI_RETURN_IF_ERROR(
        WriteMemoryPicture(graph, absl::StrCat("Memory of ", options.file), options.memory));
  }
  if (session.json()) {
    PrintDescriptionJson(session, options, description);
  } else if (options.memory != "-") {
    PrintDescription(session, options, description);
  }
  if (options.sram.empty()) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const int64_t limit, ParseBytes(options.sram));
  return engine::CheckFits(graph, description.plan.memory, limit, "the limit (--sram)");
}

}  // namespace

void AddNetworkDescribeCommand(CLI::App& network, Session& session) {
  auto options = std::make_shared<DescribeOptions>();
  CLI::App* describe = AddSubcommand(
      network, "describe", "Operators, memory and flash of an int8 network file",
      "niwaki network describe model.tflite\n\n"
      "Reads int8 networks as TensorFlow Lite's converter and PyTorch's ONNX export (QDQ) write\n"
      "them. LIVE is what lies in memory while the operator runs.");
  describe->add_option("file", options->file, "Network file (.tflite, .onnx)")->required();
  describe->add_option(
      "--memory", options->memory,
      "Draw the memory over time into this SVG file; - prints it as a table in place of "
      "the description");
  describe->add_option("--sram", options->sram,
                       "Fail where the network needs more than this: 64kB, 320 KiB");
  SetAction(describe, session, options, RunDescribe);
}

}  // namespace niwaki::cli
