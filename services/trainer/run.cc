#include "services/trainer/run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/arch/subnets/size_ladder.h"
#include "libs/arch/subnets/subnet_argument.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/file_writer.h"
#include "libs/base/json.h"
#include "libs/base/process/terminal.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/base/text/units.h"
#include "libs/data/audio/stream/recording.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/sensor/sensor.h"
#include "libs/int8/quantise_subnet.h"
#include "libs/int8/score_int8.h"
#include "libs/interchange/ofa/data_facts.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/interchange/tflite/write_model.h"
#include "libs/supernet/runtime.h"
#include "libs/supernet/scoring/scorer.h"
#include "libs/train/checkpoint/checkpoint.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/ranks/c10d_exchange.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/ranks/rank_environment.h"
#include "libs/train/recipe/recipe_catalogue.h"
#include "libs/train/trainer.h"
#include "services/cli/error_report.h"
#include "services/cli/exit_code.h"
#include "services/cli/interrupt.h"
#include "services/program/sensor_of_data.h"
#include "services/trainer/agreement.h"
#include "services/trainer/compare_alone.h"
#include "services/trainer/data_notes.h"
#include "services/trainer/export_subnet.h"
#include "services/trainer/options.h"
#include "services/trainer/progress_line.h"
#include "services/trainer/quantisation_record.h"
#include "services/trainer/score_stream.h"

namespace niwaki::trainer {
namespace {

constexpr char kProgram[] = "niwaki-train";
constexpr int64_t kMaxLabelBytes = 64 << 20;

ProgressLine MakeProgressLine(Clock& clock) {
  return ProgressLine(std::cerr, DescribeTerminal(STDERR_FILENO, std::getenv("TERM")),
                      STDERR_FILENO, &clock);
}

int Threads(const Options& options) {
  return options.threads > 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
}

Json ScoreJson(const supernet::Score& score) {
  Json json = Json::object();
  json["top1"] = score.top1;
  json["top5"] = score.top5;
  json["loss"] = score.loss;
  json["images"] = score.images;
  return json;
}

std::string SummaryJson(const train::TrainSummary& summary) {
  Json json = Json::object();
  json["supernet"] = summary.output;
  json["digest"] = summary.digest;
  json["steps"] = summary.steps;
  json["epochs"] = summary.epochs;
  json["elapsed_seconds"] = summary.elapsed_seconds;
  json["images_per_second"] = summary.images_per_second;
  for (const auto& [split, ends] :
       {std::make_pair("validation", &summary.validation), std::make_pair("test", &summary.test)}) {
    if (ends->largest.images == 0) continue;
    json[split]["largest"] = ScoreJson(ends->largest);
    json[split]["smallest"] = ScoreJson(ends->smallest);
  }
  return json.dump(2);
}

std::string EndLine(absl::string_view split, const train::EndScores& ends) {
  return absl::StrFormat("  %-11s largest %5.1f%%   smallest %5.1f%%   (%d images)\n", split,
                         100 * ends.largest.top1, 100 * ends.smallest.top1, ends.largest.images);
}

std::string SummaryText(const train::TrainSummary& summary) {
  std::string text =
      absl::StrFormat("trained %d steps (%.1f epochs) in %.0f s, %.0f images/s\n", summary.steps,
                      summary.epochs, summary.elapsed_seconds, summary.images_per_second);
  absl::StrAppend(&text, "top-1 accuracy after batch-norm recalibration:\n");
  absl::StrAppend(&text, EndLine("validation", summary.validation));
  if (summary.test.largest.images > 0) absl::StrAppend(&text, EndLine("test", summary.test));
  absl::StrAppend(&text, "supernet: ", summary.output, "\ndigest:   ", summary.digest, "\n");
  return text;
}

train::TrainOptions TrainOptionsOf(const Options& options, const train::Recipe& recipe,
                                   train::GradientExchange* exchange, ProgressLine* line,
                                   Clock& clock) {
  train::TrainOptions train;
  train.clock = &clock;
  train.recipe = recipe;
  if (options.epochs > 0) train.recipe.ScaleTo(options.epochs);
  train.minutes = options.minutes;
  train.seed = options.seed;
  train.output = options.out;
  train.resume = options.resume;
  train.device = options.device;
  train.precision = options.precision;
  train.exchange = exchange;
  train.threads = options.threads;
  train.stop = &cli::Interrupt::flag();
  train.on_progress = [line](const train::TrainProgress& progress) { line->Show(progress); };
  return train;
}

struct Task {
  train::Recipe recipe;
  arch::SearchSpace space;
};

absl::StatusOr<arch::SearchSpace> SpaceFor(const std::string& name,
                                           const data::PreparedData& data) {
  constexpr int kMinClasses = 2;
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::LoadSpace(name));
  if (data.num_classes() >= kMinClasses) return space.WithNumClasses(data.num_classes());
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("classes")
      .Value(data.num_classes())
      .Limit(kMinClasses)
      .Message("the data has 1 class; there is nothing to tell apart");
}

// Recipe and space, either of which may follow from the other.
absl::StatusOr<Task> TaskOf(const Options& options, const data::PreparedData& data) {
  if (!options.space.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, SpaceFor(options.space, data));
    NIWAKI_ASSIGN_OR_RETURN(train::Recipe recipe, train::LoadRecipe(options.recipe, space.name()));
    return Task{std::move(recipe), space};
  }
  NIWAKI_ASSIGN_OR_RETURN(train::Recipe recipe, train::LoadRecipe(options.recipe, ""));
  if (recipe.space.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--space")
        .Message(absl::StrCat("recipe ", options.recipe, " names no space: --space is required"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, SpaceFor(recipe.space, data));
  return Task{std::move(recipe), space};
}

// One network of the task's space instead of all of it.
absl::Status TakeOneNetwork(const std::string& subnet_argument, Task& task) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::ReadSubnetArgument(task.space, subnet_argument));
  NIWAKI_ASSIGN_OR_RETURN(task.space, SpaceOfOne(task.space, subnet));
  task.recipe = task.recipe.ForOneNetwork();
  return absl::OkStatus();
}

// Before CUDA is first used, which reads the variable once.
absl::Status TakeGpu(const train::RankEnvironment& environment) {
  constexpr char kVariable[] = "CUDA_VISIBLE_DEVICES";
  const char* visible = std::getenv(kVariable);
  NIWAKI_ASSIGN_OR_RETURN(const std::string own,
                          environment.OwnGpu(visible == nullptr ? "" : visible));
  if (!own.empty()) setenv(kVariable, own.c_str(), /*overwrite=*/1);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<train::GradientExchange>> ExchangeFor(const Options& options) {
  train::ExchangeOptions exchange;
  NIWAKI_ASSIGN_OR_RETURN(exchange.environment, train::RankEnvironment::Read(::getenv));
  exchange.device = options.device;
  if (options.device == "cuda") NIWAKI_RETURN_IF_ERROR(TakeGpu(exchange.environment));
  exchange.timeout = absl::Seconds(options.rank_timeout_seconds);
  return train::JoinExchange(exchange);
}

absl::Status Train(const Options& options, Clock& clock) {
  NIWAKI_ASSIGN_OR_RETURN(const auto data, data::PreparedData::Open(options.data));
  NIWAKI_ASSIGN_OR_RETURN(Task task, TaskOf(options, *data));
  if (!options.alone.empty()) NIWAKI_RETURN_IF_ERROR(TakeOneNetwork(options.alone, task));
  NIWAKI_ASSIGN_OR_RETURN(const auto exchange, ExchangeFor(options));
  if (exchange->rank() == 0) {
    for (const std::string& note : DataNotes(task.space, data->metadata())) {
      absl::FPrintF(stderr, "%s: %s\n", kProgram, note);
    }
  }
  ProgressLine line = MakeProgressLine(clock);
  NIWAKI_ASSIGN_OR_RETURN(
      const auto trainer,
      train::Trainer::Create(task.space, data.get(),
                             TrainOptionsOf(options, task.recipe, exchange.get(), &line, clock)));
  const cli::Interrupt interrupt;
  const auto summary = trainer->Run();
  line.Finish();
  NIWAKI_RETURN_IF_ERROR(summary.status());
  if (!summary->log_error.empty()) {
    absl::FPrintF(stderr, "%s: the log lacks lines: %s\n", kProgram, summary->log_error);
  }
  if (exchange->rank() > 0) return absl::OkStatus();
  const bool json = options.output_format == "json";
  std::fputs(json ? (SummaryJson(*summary) + "\n").c_str() : SummaryText(*summary).c_str(), stdout);
  return absl::OkStatus();
}

struct Evaluated {
  arch::Subnet subnet;
  supernet::Score score;
  // Where they were asked for.
  std::optional<int8::Int8Score> int8;
  std::string key;
};

Json EvaluatedJson(const Options& options, const arch::SearchSpace& space,
                   const Evaluated& evaluated) {
  Json json = ScoreJson(evaluated.score);
  json["split"] = options.split;
  json["macs"] = arch::CountMacs(arch::BuildGraph(space, evaluated.subnet));
  json["subnet"] = Json::parse(arch::ToJson(space, evaluated.subnet));
  if (!evaluated.int8.has_value()) return json;
  json["int8"]["top1"] = evaluated.int8->top1;
  json["int8"]["top5"] = evaluated.int8->top5;
  json["int8"]["images"] = evaluated.int8->images;
  json["int8"]["key"] = evaluated.key;
  return json;
}

void PrintScore(const Options& options, const arch::SearchSpace& space,
                const Evaluated& evaluated) {
  const supernet::Score& score = evaluated.score;
  const int64_t macs = arch::CountMacs(arch::BuildGraph(space, evaluated.subnet));
  absl::PrintF("%s  top-1 %.2f%%  top-5 %.2f%%  loss %.4f  %d images  %s MACs\n", options.split,
               100 * score.top1, 100 * score.top5, score.loss, score.images, FormatCount(macs));
  if (!evaluated.int8.has_value()) return;
  absl::PrintF("%s  top-1 %.2f%%  top-5 %.2f%%  int8, %+.2f points  key %s\n", options.split,
               100 * evaluated.int8->top1, 100 * evaluated.int8->top5,
               100 * (evaluated.int8->top1 - score.top1), evaluated.key);
}

absl::StatusOr<supernet::ScoreOptions> ScoreOptionsOf(const Options& options) {
  supernet::ScoreOptions score;
  NIWAKI_ASSIGN_OR_RETURN(score.split, data::ParseSplit(options.split));
  score.calibration_images = options.calibration_images;
  score.evaluation_images = options.evaluation_images;
  score.keep_statistics = options.statistics == "kept";
  score.threads = Threads(options);
  score.device = options.device;
  return score;
}

// The data of the command line as data for the supernet; what that took is said.
absl::StatusOr<std::unique_ptr<data::PreparedData>> OpenDataFor(const train::Manifest& manifest,
                                                                const Options& options) {
  NIWAKI_ASSIGN_OR_RETURN(data::FittedData fitted,
                          data::OpenFitted(manifest.trained_on(), options.data));
  for (const std::string& note : fitted.notes) absl::FPrintF(stderr, "niwaki-train: %s\n", note);
  return std::move(fitted.data);
}

// As OpenDataFor, of any classes.
absl::StatusOr<std::unique_ptr<data::PreparedData>> OpenUnlabelledFor(
    const train::Manifest& manifest, const Options& options) {
  NIWAKI_ASSIGN_OR_RETURN(data::FittedData fitted,
                          data::OpenUnlabelled(manifest.trained_on(), options.data));
  for (const std::string& note : fitted.notes) absl::FPrintF(stderr, "niwaki-train: %s\n", note);
  return std::move(fitted.data);
}

absl::StatusOr<int8::QuantisedSubnet> QuantiseOne(const train::LoadedSupernet& loaded,
                                                  const arch::Subnet& subnet,
                                                  const data::PreparedData& data,
                                                  const Options& options) {
  int8::QuantiseSubnetOptions quantise;
  NIWAKI_ASSIGN_OR_RETURN(quantise.quantise.ranges, engine::ParseRangeMethod(options.ranges));
  quantise.quantise.percentile = options.percentile;
  quantise.quantise.equalise = options.equalise;
  quantise.quantise.correct_bias = options.correct_bias;
  NIWAKI_ASSIGN_OR_RETURN(quantise.supernet_digest, Sha256HexOfFile(options.supernet));
  quantise.calibration_images = options.calibration_images;
  quantise.keep_statistics = options.statistics == "kept";
  quantise.threads = Threads(options);
  return int8::QuantiseSubnet(*loaded.supernet, subnet, data, quantise);
}

// Runs `score`, with progress on stderr.
template <typename Score>
auto WithProgress(const Options& options, Clock& clock, const Score& score) {
  const Terminal terminal = DescribeTerminal(STDERR_FILENO, std::getenv("TERM"));
  ProgressOptions progress;
  progress.style = terminal.draws ? ProgressStyle::kBar : ProgressStyle::kLines;
  progress.out = &std::cerr;
  progress.clock = &clock;
  progress.label = "int8";
  progress.columns = terminal.columns;
  progress.terminal_fd = STDERR_FILENO;
  ProgressBar bar(progress);
  const cli::Interrupt interrupt;
  data::ParallelOptions parallel;
  parallel.threads = Threads(options);
  parallel.cancel = &cli::Interrupt::flag();
  parallel.progress = [&bar](int64_t done, int64_t total) { bar.Update(done, total, "images"); };
  auto result = score(parallel);
  bar.Finish();
  return result;
}

absl::StatusOr<std::vector<arch::Subnet>> SubnetsOf(const arch::SearchSpace& space,
                                                    const Options& options) {
  if (options.ladder > 0) return arch::SizeLadder(space, options.ladder, kLadderSeed);
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::ReadSubnetArgument(space, options.subnet));
  return std::vector<arch::Subnet>{subnet};
}

// The share of images that int8 answers as floats do.
absl::Status Agree(const Options& options, Clock& clock) {
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenUnlabelledFor(loaded.manifest, options));
  const arch::SearchSpace& space = loaded.supernet->space();
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<arch::Subnet> subnets, SubnetsOf(space, options));
  NIWAKI_ASSIGN_OR_RETURN(const data::Split split, data::ParseSplit(options.split));
  const bool as_json = options.output_format == "json";
  Json rows = Json::array();
  for (const arch::Subnet& subnet : subnets) {
    NIWAKI_ASSIGN_OR_RETURN(const int8::QuantisedSubnet quantised,
                            QuantiseOne(loaded, subnet, *data, options));
    NIWAKI_ASSIGN_OR_RETURN(
        const Agreement agreement,
        WithProgress(options, clock, [&](const data::ParallelOptions& parallel) {
          return CompareAnswers(quantised, *data, split, options.evaluation_images, parallel);
        }));
    if (as_json) {
      rows.push_back({{"split", options.split},
                      {"alike", agreement.alike},
                      {"images", agreement.images},
                      {"agreement", agreement.share()},
                      {"subnet", Json::parse(arch::ToJson(space, subnet))},
                      {"key", quantised.key.Digest()}});
    } else {
      absl::PrintF("%s  int8 answers as floats do on %d of %d images, %.2f%%  key %s\n",
                   options.split, agreement.alike, agreement.images, 100 * agreement.share(),
                   quantised.key.Digest());
      std::fflush(stdout);
    }
  }
  if (as_json) std::puts((options.ladder > 0 ? rows : rows[0]).dump().c_str());
  return absl::OkStatus();
}

// On a long recording.
absl::Status EvaluateStream(const Options& options) {
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(engine::Sensor sensor, program::SensorOfData(loaded.manifest.data));
  auto* audio = std::get_if<engine::AudioSensor>(&sensor.kind);
  data::Recording recording;
  std::vector<StreamLabel> labels;
  // What is wrong with the recording is said before the network is quantised.
  if (audio != nullptr) {
    if (options.threshold > 0) audio->stream.threshold = options.threshold;
    NIWAKI_ASSIGN_OR_RETURN(recording,
                            data::ReadRecording(options.stream, audio->shape.sample_rate_hz));
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.labels, kMaxLabelBytes));
    NIWAKI_ASSIGN_OR_RETURN(labels, ParseStreamLabels(text, options.labels));
    if (!recording.warning.empty()) {
      absl::FPrintF(stderr, "niwaki-train: %s: %s\n", options.stream, recording.warning);
    }
  }
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenDataFor(loaded.manifest, options));
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::ReadSubnetArgument(loaded.supernet->space(), options.subnet));
  NIWAKI_ASSIGN_OR_RETURN(const int8::QuantisedSubnet quantised,
                          QuantiseOne(loaded, subnet, *data, options));
  NIWAKI_ASSIGN_OR_RETURN(const StreamScore score,
                          ScoreStream(quantised.network, sensor, recording.samples, labels));
  if (options.output_format == "json") {
    std::puts(StreamScoreJson(score).dump().c_str());
  } else {
    std::fputs(StreamScoreText(score).c_str(), stdout);
  }
  return absl::OkStatus();
}

absl::Status Evaluate(const Options& options, Clock& clock) {
  if (options.agreement) return Agree(options, clock);
  if (!options.stream.empty()) return EvaluateStream(options);
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenDataFor(loaded.manifest, options));
  const arch::SearchSpace& space = loaded.supernet->space();
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<arch::Subnet> subnets, SubnetsOf(space, options));
  NIWAKI_ASSIGN_OR_RETURN(const supernet::ScoreOptions score_options, ScoreOptionsOf(options));
  NIWAKI_ASSIGN_OR_RETURN(const auto scorer, supernet::Scorer::Create(loaded.supernet.get(),
                                                                      data.get(), score_options));
  const bool as_json = options.output_format == "json";
  Json rows = Json::array();
  for (const arch::Subnet& subnet : subnets) {
    Evaluated evaluated = {subnet, {}, std::nullopt, ""};
    NIWAKI_ASSIGN_OR_RETURN(evaluated.score, scorer->ScoreSubnet(subnet));
    if (options.int8) {
      NIWAKI_ASSIGN_OR_RETURN(const int8::QuantisedSubnet quantised,
                              QuantiseOne(loaded, subnet, *data, options));
      NIWAKI_ASSIGN_OR_RETURN(
          evaluated.int8, WithProgress(options, clock, [&](const data::ParallelOptions& parallel) {
            return int8::ScoreInt8(quantised.network, *data, score_options.split,
                                   options.evaluation_images, parallel);
          }));
      evaluated.key = quantised.key.Digest();
    }
    if (as_json) {
      rows.push_back(EvaluatedJson(options, space, evaluated));
    } else {
      PrintScore(options, space, evaluated);
      std::fflush(stdout);
    }
  }
  if (as_json) std::puts((options.ladder > 0 ? rows : rows[0]).dump().c_str());
  return absl::OkStatus();
}

absl::Status Compare(const Options& options, Clock& clock) {
  NIWAKI_RETURN_IF_ERROR(CheckWritableFolder(options.out));
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenDataFor(loaded.manifest, options));
  const arch::SearchSpace& space = loaded.supernet->space();
  ProgressLine line = MakeProgressLine(clock);
  CompareOptions compare;
  compare.folder = options.out;
  compare.subnets = options.subnets;
  compare.epochs = options.epochs;
  compare.train =
      TrainOptionsOf(options, loaded.manifest.recipe, /*exchange=*/nullptr, &line, clock);
  NIWAKI_ASSIGN_OR_RETURN(compare.score, ScoreOptionsOf(options));
  compare.on_network = [&](int index, const arch::Subnet& subnet) {
    line.Finish();
    absl::FPrintF(stderr, "network %d of %d: %s\n", index + 1, options.subnets,
                  arch::ToJson(space, subnet));
  };
  const cli::Interrupt interrupt;
  const auto comparison = CompareAlone(loaded, *data, compare);
  line.Finish();
  NIWAKI_RETURN_IF_ERROR(comparison.status());
  const std::string json = ComparisonJson(space, *comparison) + "\n";
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.out + "/comparison.json", json));
  std::fputs(
      options.output_format == "json" ? json.c_str() : ComparisonText(space, *comparison).c_str(),
      stdout);
  return absl::OkStatus();
}

absl::Status Export(const Options& options) {
  NIWAKI_RETURN_IF_ERROR(CheckWritableFolder(options.out));
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenDataFor(loaded.manifest, options));
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::ReadSubnetArgument(loaded.supernet->space(), options.subnet));
  ExportOptions export_options;
  NIWAKI_ASSIGN_OR_RETURN(export_options.repository, interchange::ParseOfaFormat(options.format));
  export_options.folder = options.out;
  export_options.calibration_images = options.calibration_images;
  NIWAKI_RETURN_IF_ERROR(ExportSubnet(*loaded.supernet, subnet, *data, export_options));
  NIWAKI_RETURN_IF_ERROR(
      interchange::WriteDataFacts(options.out, interchange::FactsOf(loaded.manifest)));
  const std::string network = arch::ToJson(loaded.supernet->space(), subnet);
  if (options.output_format == "json") {
    std::puts(Json{{"folder", options.out}, {"subnet", Json::parse(network)}}.dump().c_str());
  } else {
    absl::PrintF("%s: %s\n", options.out, network);
  }
  return absl::OkStatus();
}

absl::Status Quantise(const Options& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto writer, FileWriter::Create(options.out));
  if (!options.record.empty()) NIWAKI_RETURN_IF_ERROR(CheckWritable(options.record));
  NIWAKI_ASSIGN_OR_RETURN(const train::LoadedSupernet loaded,
                          train::LoadSupernet(options.supernet));
  NIWAKI_ASSIGN_OR_RETURN(const auto data, OpenUnlabelledFor(loaded.manifest, options));
  NIWAKI_ASSIGN_OR_RETURN(const arch::Subnet subnet,
                          arch::ReadSubnetArgument(loaded.supernet->space(), options.subnet));
  NIWAKI_ASSIGN_OR_RETURN(const int8::QuantisedSubnet quantised,
                          QuantiseOne(loaded, subnet, *data, options));
  NIWAKI_ASSIGN_OR_RETURN(const std::string file,
                          interchange::WriteModel(quantised.network, interchange::WriteOptions()));
  const std::string record = QuantisationRecord(quantised, loaded.manifest, file);
  NIWAKI_RETURN_IF_ERROR(writer->Append(file));
  NIWAKI_RETURN_IF_ERROR(writer->Commit());
  if (!options.record.empty()) {
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.record, record));
  }
  if (options.output_format == "json") {
    std::fputs(record.c_str(), stdout);
  } else {
    absl::PrintF("%s: %s, int8, key %s\n", options.out, FormatBytes(file.size()),
                 quantised.key.Digest());
  }
  return absl::OkStatus();
}

absl::Status RunCommand(const Options& options, Clock& clock) {
  switch (options.command) {
    case Command::kTrain:
      return Train(options, clock);
    case Command::kEvaluate:
      return Evaluate(options, clock);
    case Command::kCompare:
      return Compare(options, clock);
    case Command::kExport:
      return Export(options);
    case Command::kQuantise:
      return Quantise(options);
    case Command::kNone:
      break;
  }
  return absl::OkStatus();
}

int Report(const absl::Status& status, bool as_json) {
  if (as_json) {
    const Json json = cli::FormatErrorJson(status);
    std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    std::fputs(cli::FormatErrorText(status, kProgram).c_str(), stderr);
  }
  return cli::ExitCodeOf(status);
}

}  // namespace

int Run(int argc, const char* const* argv, Clock& clock) {
  supernet::TuneMalloc();
  const auto options = ParseOptions(argc, argv);
  if (!options.ok()) {
    const bool as_json = cli::AsksForJson(std::vector<std::string>(argv + 1, argv + argc));
    const int code = Report(options.status(), as_json);
    if (!as_json) absl::FPrintF(stderr, "Try niwaki-train --help.\n");
    return code;
  }
  const absl::Status status = RunCommand(*options, clock);
  if (status.ok()) return cli::kExitOk;
  const int code = Report(status, options->output_format == "json");
  if (code == cli::kExitInterrupted) {
    absl::FPrintF(stderr, "go on with the same command and --resume\n");
  }
  return code;
}

}  // namespace niwaki::trainer
