// niwaki supernet import FILE --space SPACE --out SUPERNET

#include <memory>
#include <string>

#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/import_network.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/networks/import_report.h"
#include "services/cli/commands/networks/network_commands.h"

namespace niwaki::cli {
namespace {

struct ImportOptions {
  std::string file;
  std::string entry;
  std::string space;
  std::string out;
  DataOptions data;
  bool verbose = false;
};

absl::Status RunImport(Session& session, const ImportOptions& options) {
  const interchange::Checkpoint checkpoint(options.file, options.entry);
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace named, arch::LoadSpace(options.space));
  NIWAKI_ASSIGN_OR_RETURN(const int classes, interchange::CountClasses(checkpoint));
  const arch::SearchSpace space = named.WithNumClasses(classes);
  const std::string known = interchange::DataFactsBeside(options.file);
  const bool use_known = IsDefault(options.data) && FileExists(known);
  NIWAKI_ASSIGN_OR_RETURN(
      const interchange::DataFacts facts,
      use_known ? interchange::ReadDataFactsFile(known) : ReadDataFacts(options.data, space));
  if (use_known && !session.json()) session.err() << "classes and data as " << known << " says\n";
  NIWAKI_ASSIGN_OR_RETURN(const interchange::ImportSummary summary,
                          interchange::ImportSupernet(checkpoint, space, facts, options.out));
  ReportImport(session, summary, options.out, options.verbose);
  return absl::OkStatus();
}

}  // namespace

void AddSupernetImportCommand(CLI::App& supernet, Session& session) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = AddSubcommand(
      supernet, "import", "Make a supernet of a checkpoint of OFA's or MCUNet's code",
      "niwaki supernet import ofa_mbv3_d234_e346_k357_w1.0.pth --space ofa_mbv3_w10 \\\n"
      "      --out ofa_mbv3.supernet.safetensors\n"
      "  niwaki supernet import mcunet.pth --space mcunet --data vww.nwd --verbose \\\n"
      "      --out mcunet.supernet.safetensors\n\n"
      "The checkpoint is a state dict, or holds one under \"state_dict\", \"model\" or the like,\n"
      "or is a safetensors file. What wraps the names (module., _orig_mod., model.) is left out,\n"
      "half, bfloat16 and double become float32, counters and what is no tensor are passed over;\n"
      "what was done is said. It is read without running anything in it.");
  import->add_option("file", options->file, "Checkpoint (.pth, .pt, .safetensors)")->required();
  AddEntryOption(*import, options->entry);
  import
      ->add_option("--space", options->space,
                   "Search space of the checkpoint: a catalogue name or a .textproto file")
      ->required();
  import->add_option("--out", options->out, "Supernet file to write")->required();
  AddDataOptions(*import, options->data);
  import->add_flag("--verbose", options->verbose, "List every tensor and its name here");
  SetAction(import, session, options, RunImport);
}

}  // namespace niwaki::cli
