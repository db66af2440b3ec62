// niwaki predictor train | import | show | predict

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/arch/subnets/subnet_argument.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/jobfile/resource_name.h"
#include "libs/predictor/baselines.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/import_mlp.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/predictor_file.h"
#include "libs/predictor/predictor_training.h"
#include "libs/predictor/score_table.h"
#include "libs/predictor/training.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/predictor_commands.h"
#include "services/cli/session.h"
#include "services/cli/show/shown_share.h"
#include "services/cli/show/table.h"
#include "services/program/output_check.h"

namespace niwaki::cli {
namespace {

using predictor::PredictorInfo;
using predictor::ScoreTable;

struct TrainOptions {
  std::string job;
  std::string scores;
  std::string space;
  std::string out;
  predictor::PredictorTraining training;
  // Of an mlp only.
  std::optional<std::string> encoding;
  std::optional<int> steps;
};

struct ImportOptions {
  std::string file;
  std::string encoding;
  std::string space;
  std::string scores;
  std::string out;
  std::vector<int> resolutions;
};

struct FileOptions {
  std::string file;
  std::string space;
  std::string subnet;
  std::string subnets;
};

// Measured networks, and the space that they are of.
struct Scores {
  arch::SearchSpace space;
  ScoreTable table;
  std::string source;
};

absl::Status Wrong(absl::string_view field, absl::string_view value, absl::string_view limit,
                   absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(message);
}

// The scored candidates of a job, in the order of their slots.
absl::StatusOr<Scores> ScoresOfJob(Session& session, const TrainOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string name,
                          jobfile::ResourceName("jobs", options.job, "--job"));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  NIWAKI_ASSIGN_OR_RETURN(const v1::Job job, coordinator->GetJob(name));
  // What is learnt from it is no test any more.
  if (!job.spec().tested_job().empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--job")
        .Value(name)
        .Limit(job.spec().tested_job())
        .Message(absl::StrCat(name, " holds scores on the test split; train on those of ",
                              job.spec().tested_job()));
  }
  NIWAKI_ASSIGN_OR_RETURN(const v1::Supernet supernet,
                          coordinator->GetSupernet(job.spec().supernet()));
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space,
                          arch::SearchSpace::FromMessage(supernet.space()));
  ScoreTable table;
  absl::Status failed;
  NIWAKI_RETURN_IF_ERROR(coordinator->ForEachCandidate(
      name, v1::CANDIDATE_STATE_SCORED, [&](const v1::Candidate& candidate) {
        auto subnet = arch::SubnetFromJson(space, candidate.subnet_json());
        if (!subnet.ok()) {
          failed = Annotate(subnet.status(), candidate.name());
          return false;
        }
        table.subnets.push_back(*std::move(subnet));
        table.top1.push_back(candidate.score().top1());
        return true;
      }));
  NIWAKI_RETURN_IF_ERROR(failed);
  return Scores{std::move(space), std::move(table), name};
}

absl::StatusOr<Scores> ScoresFor(Session& session, const TrainOptions& options) {
  if (options.job.empty() == options.scores.empty()) {
    return Wrong("--job", options.job, "exactly one of --job and --scores",
                 "give exactly one of --job and --scores");
  }
  if (!options.job.empty()) {
    if (!options.space.empty()) {
      return Wrong("--space", options.space, "only with --scores",
                   "--space goes with --scores; a job's networks are of its supernet's space");
    }
    return ScoresOfJob(session, options);
  }
  if (options.space.empty()) {
    return Wrong("--space", "", "a space's name or file",
                 "--scores needs --space: the space that the networks are of");
  }
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace space, arch::LoadSpace(options.space));
  NIWAKI_ASSIGN_OR_RETURN(ScoreTable table, predictor::ReadScores(space, options.scores));
  return Scores{std::move(space), std::move(table), options.scores};
}

Json ToJson(const PredictorInfo& info) {
  Json json = {{"kind", info.kind},
               {"encoding", info.encoding},
               {"resolutions", info.resolutions},
               {"space", info.space},
               {"structure", info.structure},
               {"source", info.source},
               {"scores", info.scores},
               {"scores_sha256", info.scores_sha256},
               {"sessions", info.sessions},
               {"noise", info.noise}};
  if (info.held_out.has_value()) {
    json["held_out"] = predictor::ToJson(*info.held_out);
  }
  return json;
}

std::string TauText(const std::optional<double>& tau) {
  return tau.has_value() ? absl::StrFormat("%.4f", *tau) : std::string("no pairs");
}

// Kendall's, and what the order by plain sizes reaches.
void AddRanking(const predictor::HeldOut& figures, Table& table) {
  table.AddRow({"kendall", TauText(figures.kendall)});
  // Files of earlier versions know no more.
  if (figures.macs.has_value() || figures.kendall_within.has_value()) {
    table.AddRow({"kendall within one input size", TauText(figures.kendall_within)});
  }
  if (figures.kendall_session.has_value()) {
    table.AddRow({"and one session", TauText(figures.kendall_session)});
  }
  const auto add = [&](absl::string_view name, const std::optional<predictor::Baseline>& baseline) {
    if (!baseline.has_value()) return;
    table.AddRow({absl::StrCat("kendall by ", name),
                  absl::StrCat(TauText(baseline->kendall), ", within one input size ",
                               TauText(baseline->kendall_within))});
  };
  add("MACs", figures.macs);
  add("parameters", figures.parameters);
}

Table ToTable(const PredictorInfo& info) {
  Table table({{"PREDICTOR"}, {info.kind}});
  table.AddRow({"space", info.space});
  table.AddRow({"encoding", info.encoding});
  if (!info.resolutions.empty()) {
    table.AddRow({"resolutions", absl::StrJoin(info.resolutions, ", ")});
  }
  table.AddRow({"source", info.source});
  if (info.scores > 0) {
    table.AddRow({"scores", absl::StrCat(info.scores, " in ", info.sessions,
                                         info.sessions == 1 ? " session" : " sessions")});
    table.AddRow({"scores_sha256", info.scores_sha256});
  }
  if (info.noise > 0) table.AddRow({"noise", absl::StrFormat("%.5f", info.noise)});
  if (info.held_out.has_value()) {
    table.AddRow({"held out", absl::StrCat(info.held_out->networks, " networks in ",
                                           info.held_out->parts, " parts")});
    AddRanking(*info.held_out, table);
    table.AddRow({"spearman", absl::StrFormat("%.4f", info.held_out->spearman)});
    table.AddRow({"rmse", absl::StrFormat("%.5f", info.held_out->rmse)});
  } else {
    table.AddRow({"held out", "never measured"});
  }
  return table;
}

void Print(Session& session, const PredictorInfo& info) {
  if (session.json()) {
    session.PrintJson(ToJson(info));
  } else {
    session.out() << ToTable(info).ToString();
  }
}

// What would be passed over in silence.
absl::Status CheckKindOfOptions(const TrainOptions& options) {
  if (options.training.kind == predictor::kMlpKind) return absl::OkStatus();
  const auto refuse = [&](absl::string_view flag, absl::string_view value) {
    return Wrong(flag, value, "only with --kind mlp",
                 absl::StrCat(flag, " is an option of --kind mlp; --kind ", options.training.kind,
                              " has no such option"));
  };
  if (options.encoding.has_value()) return refuse("--encoding", *options.encoding);
  if (options.steps.has_value()) return refuse("--steps", absl::StrCat(*options.steps));
  return absl::OkStatus();
}

absl::Status RunTrain(Session& session, const TrainOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckKindOfOptions(options));
  NIWAKI_ASSIGN_OR_RETURN(const Scores scores, ScoresFor(session, options));
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--out", options.out));
  ProgressBar bar(session.SideProgress("predictor"));
  predictor::PredictorTraining training = options.training;
  training.source = scores.source;
  training.encoding = options.encoding.value_or(training.encoding);
  training.steps = options.steps.value_or(training.steps);
  training.progress = [&](int done, int total) { bar.Update(done, total); };
  NIWAKI_ASSIGN_OR_RETURN(
      const PredictorInfo info,
      predictor::TrainToFile(scores.space, scores.table, training, options.out));
  bar.Finish();
  Print(session, info);
  return absl::OkStatus();
}

absl::Status RunImport(Session& session, const ImportOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::LoadSpace(options.space));
  NIWAKI_ASSIGN_OR_RETURN(const predictor::Encoding encoding,
                          predictor::EncodingFromName(options.encoding));
  const bool has_columns =
      encoding == predictor::Encoding::kOfaMobileNet || encoding == predictor::Encoding::kOfaResNet;
  if (!options.resolutions.empty() && !has_columns) {
    return Wrong("--resolutions", absl::StrJoin(options.resolutions, ","),
                 "only with --encoding ofa_mobilenet or ofa_resnet",
                 absl::StrCat("--resolutions goes with --encoding ofa_mobilenet and ofa_resnet; ",
                              options.encoding, " has fixed columns"));
  }
  NIWAKI_ASSIGN_OR_RETURN(predictor::Encoder encoder,
                          predictor::Encoder::Create(encoding, space, options.resolutions));
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--out", options.out));
  NIWAKI_ASSIGN_OR_RETURN(predictor::ImportedMlp imported, predictor::ImportMlp(options.file));
  NIWAKI_ASSIGN_OR_RETURN(
      const auto made, predictor::MlpPredictor::Create(std::move(encoder), std::move(imported.mlp),
                                                       imported.offset));
  PredictorInfo info;
  predictor::Describe(space, *made, info);
  info.source = options.file;
  if (!options.scores.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const ScoreTable table, predictor::ReadScores(space, options.scores));
    NIWAKI_RETURN_IF_ERROR(predictor::CheckScores(table));
    std::vector<int> all;
    for (int i = 0; i < table.rows(); ++i) all.push_back(i);
    info.held_out = predictor::Evaluate(*made, table, all);
    predictor::MeasureBaselines(space, table, *info.held_out);
  }
  NIWAKI_RETURN_IF_ERROR(predictor::WritePredictor(options.out, info, *made));
  if (session.json()) {
    Json json = ToJson(info);
    json["mapped"] = imported.mapped;
    session.PrintJson(json);
  } else {
    session.out() << absl::StrJoin(imported.mapped, "\n") << "\n" << ToTable(info).ToString();
  }
  return absl::OkStatus();
}

absl::Status RunShow(Session& session, const FileOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const PredictorInfo info, predictor::ReadPredictorInfo(options.file));
  Print(session, info);
  return absl::OkStatus();
}

absl::Status RunPredict(Session& session, const FileOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const PredictorInfo info, predictor::ReadPredictorInfo(options.file));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space,
                          arch::LoadSpace(options.space.empty() ? info.space : options.space));
  NIWAKI_ASSIGN_OR_RETURN(const predictor::StoredPredictor stored,
                          predictor::ReadPredictor(options.file, space));
  // Of the predictor's own space only the name is known, not the classes.
  if (!stored.note.empty() && !options.space.empty()) session.err() << stored.note << "\n";
  std::vector<arch::Subnet> subnets;
  if (options.subnet.empty() == options.subnets.empty()) {
    return Wrong("--subnet", options.subnet, "exactly one of --subnet and --subnets",
                 "give exactly one of --subnet and --subnets");
  }
  if (options.subnets.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(arch::Subnet subnet, arch::ReadSubnetArgument(space, options.subnet));
    subnets.push_back(std::move(subnet));
  } else {
    NIWAKI_ASSIGN_OR_RETURN(subnets, arch::ReadSubnetFile(space, options.subnets));
  }
  std::vector<double> top1(subnets.size());
  stored.predictor->Predict(subnets, absl::MakeSpan(top1));
  if (session.json()) {
    Json list = Json::array();
    for (size_t i = 0; i < subnets.size(); ++i) {
      list.push_back(Json{{"subnet_id", arch::IdOf(space, subnets[i]).ToHex()},
                          {"subnet", Json::parse(arch::ToJson(space, subnets[i]))},
                          {"top1", ShownShare(top1[i])}});
      if (IsCut(top1[i])) list.back()["top1_uncut"] = top1[i];
    }
    session.PrintJson(Json{{"predictions", std::move(list)}});
    return absl::OkStatus();
  }
  Table table({{"TOP1", Align::kRight}, {"SUBNET"}});
  for (size_t i = 0; i < subnets.size(); ++i) {
    table.AddRow({absl::StrFormat("%.5f%s", ShownShare(top1[i]), CutMark(top1[i])),
                  arch::ToJson(space, subnets[i])});
  }
  session.out() << table.ToString()
                << CutNote(static_cast<int>(std::count_if(top1.begin(), top1.end(), IsCut)));
  return absl::OkStatus();
}

void AddTrain(CLI::App& parent, Session& session) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* train = AddSubcommand(
      parent, "train", "Train a predictor on measured scores",
      "niwaki predictor train --job my-job --out my.predictor\n"
      "  niwaki predictor train --scores measured.csv --space kws --out my.predictor\n"
      "  niwaki predictor train --job my-job --kind mlp --encoding ofa_mobilenet --out "
      "mlp.predictor");
  train->add_option("--job", options->job, "Train on the scored candidates of this job");
  train->add_option("--scores", options->scores,
                    "Train on this CSV (top1 and subnet, or top1, image_size, d, ks and e) or JSON "
                    "(subnet and top1)");
  train->add_option("--space", options->space,
                    "The space of --scores, and only with them: a name or a file");
  train->add_option("--seed", options->training.seed,
                    "Of the division into parts that are held out, and of an mlp's weights");
  train
      ->add_option("--kind", options->training.kind,
                   "structured (seconds, and ranks best from 30 scores on), or mlp: a feed-forward "
                   "network as OFA's")
      ->check(CLI::IsMember({predictor::kStructuredKind, predictor::kMlpKind}))
      ->capture_default_str();
  train->add_option("--encoding", options->encoding,
                    "What an mlp sees: one_hot (by default), ofa_mobilenet, ofa_tutorial or "
                    "ofa_resnet");
  train->add_option(
      "--steps", options->steps,
      "Of an mlp's training, of 64 scores each; 0, by default, for ten passes, 300 at "
      "least");
  train->add_option("--out", options->out, "The file to write")->required();
  SetAction(train, session, options, RunTrain);
}

void AddImport(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* import = AddSubcommand(
      parent, "import", "Take over a feed-forward predictor of OFA",
      "niwaki predictor import acc_predictor.pth --encoding ofa_tutorial --space ofa_mbv3_w12 "
      "--out ofa.predictor");
  import
      ->add_option("file", options->file,
                   "A PyTorch state dict, or NAME.index.json that describes NAME.bin")
      ->required();
  import
      ->add_option("--encoding", options->encoding,
                   "one_hot, ofa_mobilenet, ofa_tutorial or ofa_resnet")
      ->required();
  import->add_option("--space", options->space, "The space it is for: a name or a file")
      ->required();
  import
      ->add_option(
          "--resolutions", options->resolutions,
          "Input sizes of the columns of ofa_mobilenet and ofa_resnet only, ascending; unset: the "
          "space's")
      ->delimiter(',');
  import->add_option("--scores", options->scores,
                     "Measure it on these scores, as train reads them");
  import->add_option("--out", options->out, "The file to write")->required();
  SetAction(import, session, options, RunImport);
}

}  // namespace

void AddPredictorCommand(CLI::App& app, Session& session) {
  CLI::App* predictor = AddSubcommand(app, "predictor", "Predictors of accuracy",
                                      "niwaki predictor train --job my-job --out my.predictor");
  predictor->require_subcommand(1);
  AddTrain(*predictor, session);
  AddImport(*predictor, session);

  auto show_options = std::make_shared<FileOptions>();
  CLI::App* show = AddSubcommand(*predictor, "show", "What a predictor is for and how good it is",
                                 "niwaki predictor show my.predictor");
  show->add_option("file", show_options->file, "The predictor")->required();
  SetAction(show, session, show_options, RunShow);

  auto predict_options = std::make_shared<FileOptions>();
  CLI::App* predict = AddSubcommand(*predictor, "predict",
                                    "Predict the accuracy of networks; what lies outside 0 to 1 "
                                    "is cut and marked",
                                    "niwaki predictor predict my.predictor --subnet max");
  predict->add_option("file", predict_options->file, "The predictor")->required();
  predict->add_option("--subnet", predict_options->subnet, "min, max, OFA's JSON, or @FILE");
  predict->add_option("--subnets", predict_options->subnets, "A file with a subnet on each line");
  predict->add_option("--space", predict_options->space,
                      "The space's name or file; unset: the name that the predictor knows");
  SetAction(predict, session, predict_options, RunPredict);
}

}  // namespace niwaki::cli
