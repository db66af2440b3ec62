// niwaki supernet state-dict FILE --out CHECKPOINT

#include <memory>
#include <string>

#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/interchange/ofa/export_supernet.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/networks/network_commands.h"

namespace niwaki::cli {
namespace {

struct StateDictOptions {
  std::string file;
  std::string format = "ofa";
  std::string out;
};

absl::Status RunStateDict(Session& session, const StateDictOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto repository, interchange::ParseOfaFormat(options.format));
  NIWAKI_ASSIGN_OR_RETURN(const interchange::ExportedSupernet exported,
                          interchange::ExportSupernet(options.file, repository, options.out));
  if (session.json()) {
    session.PrintJson(Json{{"file", options.out},
                           {"space", exported.space.name()},
                           {"tensors", exported.tensors},
                           {"facts", exported.facts}});
  } else {
    session.out() << options.out << ": " << exported.tensors << " tensors of '"
                  << exported.space.name() << "' written\n";
    if (!exported.facts.empty()) {
      session.out() << exported.facts << ": names of the classes and preparation of their data, "
                    << "which niwaki supernet import reads from there\n";
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddSupernetStateDictCommand(CLI::App& supernet, Session& session) {
  auto options = std::make_shared<StateDictOptions>();
  CLI::App* command = AddSubcommand(
      supernet, "state-dict", "Write a whole supernet as a checkpoint of OFA's or MCUNet's code",
      "niwaki supernet state-dict resnet.supernet.safetensors --out resnet.pth\n\n"
      "torch.load reads the checkpoint; its \"state_dict\" has the names of the elastic network's\n"
      "tensors. The classes' names, for which it has no place, go to resnet.pth.data.json, where\n"
      "niwaki supernet import finds them. One subnet alone: niwaki supernet export");
  command->add_option("file", options->file, "Supernet file")->required();
  command->add_option("--format", options->format, "Names of the tensors: ofa or mcunet")
      ->capture_default_str();
  command->add_option("--out", options->out, "Checkpoint to write (.pth)")->required();
  SetAction(command, session, options, RunStateDict);
}

}  // namespace niwaki::cli
