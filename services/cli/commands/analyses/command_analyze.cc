// niwaki analyze: what a network takes on a device, before anything is flashed.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/arch/subnets/subnet_argument.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/interchange/network_file.h"
#include "services/cli/commands/analyses/analysis.h"
#include "services/cli/commands/analyses/analyze_commands.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/exports/int8_source.h"
#include "services/cli/show/networks/memory_picture.h"

namespace niwaki::cli {
namespace {

struct AnalyzeOptions {
  Int8Source source;
  std::string space;
  std::string device;
  std::string memory;
  double max_extra_macs = 100 * kMaxExtraMacs;
};

// All operators of a file that cannot be read, beside the first error.
absl::Status WithUnreadOperators(absl::Status status, const std::string& path) {
  if (!interchange::IsNetworkFileName(path)) return status;
  const auto bytes = ReadFile(path);
  if (!bytes.ok()) return status;
  std::vector<ErrorItem> items;
  for (const interchange::UnreadOperator& unread : interchange::UnreadOperators(*bytes, path)) {
    items.push_back(
        {absl::StrCat("operator ", unread.index, " (", unread.name, ")"), "is not read"});
  }
  if (!items.empty()) SetErrorItems(status, items);
  return status;
}

absl::StatusOr<arch::Graph> ReadGraph(Session& session, const AnalyzeOptions& options) {
  if (!options.space.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::LoadSpace(options.space));
    NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                            arch::ReadSubnetArgument(space, options.source.network));
    return arch::BuildGraph(space, subnet);
  }
  auto source = ReadInt8Network(session, options.source);
  if (!source.ok()) return WithUnreadOperators(source.status(), options.source.network);
  return source->network.graph;
}

absl::Status RunAnalyze(Session& session, const AnalyzeOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const device::Device device, device::FindDevice(options.device));
  NIWAKI_ASSIGN_OR_RETURN(const arch::Graph graph, ReadGraph(session, options));
  const Analysis analysis = Analyse(graph, device, options.max_extra_macs / 100);
  const std::string& name = options.source.network;
  if (!options.memory.empty()) {
    NIWAKI_RETURN_IF_ERROR(
        WriteMemoryPicture(graph, absl::StrCat("Memory of ", name), options.memory));
  }
  if (session.json()) {
    session.PrintJson(AnalysisToJson(analysis, name));
  } else {
    session.out() << AnalysisText(analysis, name);
  }
  return CheckFits(analysis);
}

}  // namespace

void AddAnalyzeCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command = AddSubcommand(
      app, "analyze", "What a network takes on a device, before anything is flashed",
      "niwaki analyze model.tflite --device stm32f746\n"
      "  niwaki analyze model.onnx --device stm32f746 --memory memory.svg\n"
      "  niwaki analyze max --space mcunet --device stm32f412\n"
      "  niwaki analyze @best.json --supernet kws.supernet.safetensors --data keywords.nwd \\\n"
      "      --device stm32f746\n\n"
      "Arenas, flash, latency by the default model of the device's core, and every operator with\n"
      "what is wrong with it. Patches are told for comparison: rows compute nothing twice.\n"
      " LIVE is what lies in memory while the operator runs whole. Exit\n"
      "code 6 where the network cannot fit; the message names the smallest arena that can be had\n"
      "and the operator that holds it. Operators of a file that are not read are listed, all.");
  command
      ->add_option(
          "network", options->source.network,
          "FILE.tflite; FILE.onnx; a candidate: JOB/SLOT, JOB/best; or a subnet: min, max, "
          "OFA's JSON, @FILE")
      ->required();
  command->add_option("--device", options->device, "On which (niwaki devices)")->required();
  command->add_option("--space", options->space,
                      "Of a subnet: the space, where there are no weights yet");
  command->add_option("--supernet", options->source.supernet, "Of a subnet: the supernet's file");
  command->add_option("--data", options->source.data, "Of a subnet: prepared data to calibrate on");
  command->add_option("--memory", options->memory, "Draw the memory over time into this SVG file");
  command
      ->add_option("--max-extra-macs", options->max_extra_macs,
                   "Percent of the MACs that patches may compute more than once")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  SetAction(command, session, options, RunAnalyze);
}

}  // namespace niwaki::cli
