// niwaki supernet register NAME | list | show | import FILE | state-dict FILE | export

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/process/temporary_file.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/artifact_client.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/jobfile/resource_name.h"
#include "libs/train/checkpoint/manifest.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/commands/networks/network_commands.h"
#include "services/cli/commands/supernet_upload.h"
#include "services/cli/commands/trainer_program.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

struct RegisterOptions {
  std::string name;
  std::string file;
  std::string data;
};

struct ListOptions {};

struct ShowOptions {
  // A registered name, or a file.
  std::string name;
};

absl::StatusOr<v1::Artifact> Upload(Session& session, client::ArtifactClient& artifacts,
                                    const std::string& label, const std::string& path) {
  ProgressOptions progress = session.SideProgress(label);
  progress.bytes = true;
  ProgressBar bar(progress);
  absl::StatusOr<v1::Artifact> artifact =
      artifacts.Upload(path, [&bar](int64_t done, int64_t total) { bar.Update(done, total); });
  bar.Finish();
  return artifact;
}

// `cat, dog, … (12)`, or how many there are where the file does not say their names.
std::string ClassesOf(const v1::Supernet& supernet) {
  const int count = supernet.space().num_classes();
  if (supernet.class_names().empty()) return absl::StrCat(count, ", names unknown");
  return data::ClassesText({supernet.class_names().begin(), supernet.class_names().end()}, count);
}

absl::Status RunRegister(Session& session, const RegisterOptions& options) {
  v1::Supernet supernet;
  NIWAKI_ASSIGN_OR_RETURN(*supernet.mutable_name(),
                          jobfile::ResourceName("supernets", options.name, "name"));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ReadSupernetSpace(options.file));
  *supernet.mutable_space() = space.ToMessage();
  NIWAKI_ASSIGN_OR_RETURN(const train::Manifest manifest, ReadSupernetManifest(options.file));
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFile> part, TemporaryFile::Create());
  auto notes = WriteScoringData(manifest, options.data, part->path());
  NIWAKI_RETURN_IF_ERROR(part->Explain(notes.status()));
  for (const std::string& note : *notes) session.err() << note << "\n";

  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  client::ArtifactClient artifacts(coordinator->channel(), session.options().client);
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact weights,
                          Upload(session, artifacts, "supernet", options.file));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Artifact data,
                          Upload(session, artifacts, "data    ", part->path()));
  supernet.set_digest(weights.digest());
  supernet.set_data_digest(data.digest());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Supernet stored, coordinator->RegisterSupernet(supernet));
  if (session.json()) {
    session.PrintJson(MessageToJson(stored));
  } else {
    session.out() << stored.name() << " registered: space " << stored.space().name() << ", digest "
                  << stored.digest() << "\n"
                  << "classes: " << ClassesOf(stored) << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunList(Session& session, const ListOptions&) {
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Supernet> supernets, coordinator->ListSupernets());
  if (session.json()) {
    Json list = Json::array();
    for (const v1::Supernet& supernet : supernets) list.push_back(MessageToJson(supernet));
    session.PrintJson(Json{{"supernets", std::move(list)}});
    return absl::OkStatus();
  }
  constexpr size_t kShownDigits = 12;
  Table table({{"SUPERNET"}, {"SPACE"}, {"WEIGHTS"}, {"DATA"}, {"CREATED"}, {"CLASSES"}});
  for (const v1::Supernet& supernet : supernets) {
    const absl::Time created = absl::FromUnixSeconds(supernet.create_time().seconds());
    table.AddRow({jobfile::ResourceId(supernet.name()), supernet.space().name(),
                  supernet.digest().substr(0, kShownDigits),
                  supernet.data_digest().substr(0, kShownDigits),
                  absl::FormatTime("%Y-%m-%d %H:%M:%S", created, absl::LocalTimeZone()),
                  ClassesOf(supernet)});
  }
  session.out() << table.ToString();
  return absl::OkStatus();
}

std::string OrUnknown(const std::string& text) { return text.empty() ? "unknown" : text; }

// What a supernet file says of itself, as a registered supernet says it.
absl::StatusOr<v1::Supernet> SupernetOfFile(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ReadSupernetSpace(path));
  NIWAKI_ASSIGN_OR_RETURN(const train::Manifest manifest, ReadSupernetManifest(path));
  NIWAKI_ASSIGN_OR_RETURN(const std::string digest, Sha256HexOfFile(path));
  const data::TrainedOn trained = manifest.trained_on();
  v1::Supernet supernet;
  *supernet.mutable_space() = space.ToMessage();
  supernet.set_digest(digest);
  supernet.set_data_digest(manifest.data_digest);
  if (trained.class_names_known) {
    for (const std::string& name : trained.data.class_names) supernet.add_class_names(name);
  }
  if (trained.preparation_known) supernet.set_preparation(data::PreparationText(trained.data));
  return supernet;
}

absl::Status RunShow(Session& session, const ShowOptions& options) {
  v1::Supernet supernet;
  // What cannot be a name, as it has a dot or a folder in it, is a file.
  const absl::StatusOr<std::string> name = jobfile::ResourceName("supernets", options.name, "name");
  if (name.ok()) {
    NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
    NIWAKI_ASSIGN_OR_RETURN(supernet, coordinator->GetSupernet(*name));
  } else {
    NIWAKI_ASSIGN_OR_RETURN(supernet, SupernetOfFile(options.name));
  }
  if (session.json()) {
    session.PrintJson(MessageToJson(supernet));
    return absl::OkStatus();
  }
  session.out() << "space        " << supernet.space().name() << "\n"
                << "classes      " << ClassesOf(supernet) << "\n"
                << "preparation  " << OrUnknown(supernet.preparation()) << "\n"
                << "weights      " << supernet.digest() << "\n"
                << "data         " << OrUnknown(supernet.data_digest()) << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddSupernetCommand(CLI::App& app, Session& session) {
  const std::string example =
      "niwaki supernet register kws --file kws.supernet.safetensors --data keywords.nwd";
  CLI::App* supernet =
      AddSubcommand(app, "supernet", "Trained weight-sharing networks that jobs search", example);
  supernet->require_subcommand(1);

  auto options = std::make_shared<RegisterOptions>();
  CLI::App* add =
      AddSubcommand(*supernet, "register",
                    "Upload a supernet and the data that its subnets are scored on", example);
  add->add_option("name", options->name, "Name for jobs to refer to")->required();
  add->add_option("--file", options->file, "Supernet file, as niwaki train writes it")->required();
  add->add_option("--data", options->data,
                  "Prepared data; its calibration, validation and test splits are uploaded")
      ->required();
  SetAction(add, session, options, RunRegister);

  CLI::App* list =
      AddSubcommand(*supernet, "list", "List the registered supernets", "niwaki supernet list");
  SetAction(list, session, std::make_shared<ListOptions>(), RunList);

  auto show_options = std::make_shared<ShowOptions>();
  CLI::App* show = AddSubcommand(*supernet, "show",
                                 "Show a supernet's space, classes and how its data was prepared",
                                 "niwaki supernet show kws\n"
                                 "  niwaki supernet show kws.supernet.safetensors");
  show->add_option("name", show_options->name, "A registered supernet, or the path of a file")
      ->required();
  SetAction(show, session, show_options, RunShow);

  AddSupernetImportCommand(*supernet, session);
  AddSupernetStateDictCommand(*supernet, session);
  AddTrainerCommand(*supernet, session, "export",
                    "Write one subnet as OFA's files (niwaki supernet export --help)", {"export"});
}

}  // namespace niwaki::cli
