// niwaki supernet register NAME | list | import FILE | state-dict FILE | export

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/json.h"
#include "libs/base/process/temporary_file.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/artifact_client.h"
#include "libs/jobfile/resource_name.h"
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

absl::Status RunRegister(Session& session, const RegisterOptions& options) {
  v1::Supernet supernet;
  NIWAKI_ASSIGN_OR_RETURN(*supernet.mutable_name(),
                          jobfile::ResourceName("supernets", options.name, "name"));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ReadSupernetSpace(options.file));
  *supernet.mutable_space() = space.ToMessage();
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<TemporaryFile> part, TemporaryFile::Create());
  NIWAKI_RETURN_IF_ERROR(part->Explain(WriteScoringData(space, options.data, part->path())));

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
                  << stored.digest() << "\n";
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
  Table table(
      {{"SUPERNET"}, {"SPACE"}, {"CLASSES", Align::kRight}, {"WEIGHTS"}, {"DATA"}, {"CREATED"}});
  for (const v1::Supernet& supernet : supernets) {
    const absl::Time created = absl::FromUnixSeconds(supernet.create_time().seconds());
    table.AddRow({jobfile::ResourceId(supernet.name()), supernet.space().name(),
                  absl::StrCat(supernet.space().num_classes()),
                  supernet.digest().substr(0, kShownDigits),
                  supernet.data_digest().substr(0, kShownDigits),
                  absl::FormatTime("%Y-%m-%d %H:%M:%S", created, absl::LocalTimeZone())});
  }
  session.out() << table.ToString();
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
                  "Prepared data; its calibration and validation splits are uploaded")
      ->required();
  SetAction(add, session, options, RunRegister);

  CLI::App* list =
      AddSubcommand(*supernet, "list", "List the registered supernets", "niwaki supernet list");
  SetAction(list, session, std::make_shared<ListOptions>(), RunList);

  AddSupernetImportCommand(*supernet, session);
  AddSupernetStateDictCommand(*supernet, session);
  AddTrainerCommand(*supernet, session, "export",
                    "Write one subnet as OFA's files (niwaki supernet export --help)", {"export"});
}

}  // namespace niwaki::cli
