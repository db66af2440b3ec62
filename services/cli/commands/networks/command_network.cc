// niwaki network import | export; describe is in command_network_describe.cc

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/interchange/ofa/image_size.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/interchange/ofa/net_config.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/networks/import_report.h"
#include "services/cli/commands/networks/network_commands.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

struct ImportOptions {
  std::string folder;
  std::string config;
  std::string weights;
  std::string entry;
  std::string name = "network";
  int resolution = 0;
  std::string out;
  DataOptions data;
  bool verbose = false;
};

struct ExportOptions {
  std::string file;
  std::string format = "ofa";
  std::string out;
};

constexpr int64_t kMaxConfigBytes = 16 << 20;

// `given`, or else the file in the folder.
absl::StatusOr<std::string> Choose(const std::string& given, const std::string& folder,
                                   const char* file, const char* option) {
  if (!given.empty()) return given;
  if (!folder.empty()) return absl::StrCat(folder, "/", file);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(option)
      .Message(absl::StrCat(option, " is required where no folder is given"));
}

// The size of the input: as given, else of the run.config beside the net.config, else zeros.
absl::StatusOr<interchange::ImageSize> FindResolution(int given, const std::string& config) {
  absl::string_view stem = config;
  if (given > 0) return interchange::ImageSize{given, given};
  if (!absl::ConsumeSuffix(&stem, interchange::kNetConfigFile)) return interchange::ImageSize();
  const std::string run = absl::StrCat(stem, interchange::kRunConfigFile);
  if (!FileExists(run)) return interchange::ImageSize();
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(run, kMaxConfigBytes));
  return interchange::ReadImageSize(text, run);
}

absl::Status RunImport(Session& session, const ImportOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(
      const std::string config_path,
      Choose(options.config, options.folder, interchange::kNetConfigFile, "--config"));
  NIWAKI_ASSIGN_OR_RETURN(
      const std::string weights_path,
      Choose(options.weights, options.folder, interchange::kStateDictFile, "--weights"));
  const interchange::Checkpoint weights(weights_path, options.entry);
  interchange::ReadNetConfigOptions read;
  read.name = options.name;
  read.what = config_path;
  NIWAKI_ASSIGN_OR_RETURN(read.resolution, FindResolution(options.resolution, config_path));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(config_path, kMaxConfigBytes));
  NIWAKI_ASSIGN_OR_RETURN(const interchange::NetConfig config,
                          interchange::ReadNetConfig(text, read));
  const std::string known = absl::StrCat(options.folder, "/", interchange::kDataFactsFile);
  const bool use_known = !options.folder.empty() && IsDefault(options.data) && FileExists(known);
  NIWAKI_ASSIGN_OR_RETURN(const interchange::DataFacts facts,
                          use_known ? interchange::ReadDataFactsFile(known)
                                    : ReadDataFacts(options.data, config.space));
  NIWAKI_ASSIGN_OR_RETURN(
      const interchange::ImportSummary summary,
      interchange::ImportNetwork(weights, config.space, config.blocks, facts, options.out));
  ReportImport(session, summary, options.out, options.verbose);
  return absl::OkStatus();
}

absl::Status RunExport(Session& session, const ExportOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto repository, interchange::ParseOfaFormat(options.format));
  NIWAKI_RETURN_IF_ERROR(interchange::ExportNetworkFile(options.file, repository, options.out));
  if (session.json()) {
    session.PrintJson(Json{{"folder", options.out}});
  } else {
    session.out() << options.out << ": " << interchange::kNetConfigFile << ", "
                  << interchange::kRunConfigFile << ", " << interchange::kStateDictFile << " and "
                  << interchange::kDataFactsFile << " written\n";
  }
  return absl::OkStatus();
}

void AddImport(CLI::App& network, Session& session) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = AddSubcommand(
      network, "import", "Make a network file of a specialised network of OFA's or MCUNet's code",
      "niwaki network import note10_lat@15ms --out note10.network.safetensors\n"
      "  niwaki network import --config proxyless-w0.25-r112_imagenet.json \\\n"
      "      --weights proxyless-w0.25-r112_imagenet.pth --normalisation half \\\n"
      "      --out proxyless.network.safetensors\n\n"
      "The file written is a supernet of one network:\n"
      "  niwaki evaluate --supernet note10.network.safetensors --data imagenet.nwd");
  import->add_option("folder", options->folder, "Folder with net.config, run.config and init");
  import->add_option("--config", options->config, "Description of the network (net.config)");
  import->add_option("--weights", options->weights, "State dict (.pth, .safetensors)");
  AddEntryOption(*import, options->entry);
  import->add_option("--name", options->name, "Name of the network's space")->capture_default_str();
  import
      ->add_option("--resolution", options->resolution,
                   "Side of the input in pixels, where the files do not say")
      ->check(program::AboveZero());
  import->add_option("--out", options->out, "Network file to write")->required();
  AddDataOptions(*import, options->data);
  import->add_flag("--verbose", options->verbose, "List every tensor and its name here");
  SetAction(import, session, options, RunImport);
}

void AddExport(CLI::App& network, Session& session) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* out =
      AddSubcommand(network, "export", "Write a network file as OFA's net.config and state dict",
                    "niwaki network export note10.network.safetensors --out note10");
  out->add_option("file", options->file, "Network file, as import writes it")->required();
  out->add_option("--format", options->format, "Names of the tensors: ofa or mcunet")
      ->capture_default_str();
  out->add_option("--out", options->out, "Folder to write")->required();
  SetAction(out, session, options, RunExport);
}

}  // namespace

void AddNetworkCommand(CLI::App& app, Session& session) {
  CLI::App* network =
      AddSubcommand(app, "network", "Networks that stand alone, from and for other programs",
                    "niwaki network import FOLDER --out one.network.safetensors");
  network->require_subcommand(1);
  AddImport(*network, session);
  AddExport(*network, session);
  AddNetworkDescribeCommand(*network, session);
}

}  // namespace niwaki::cli
