#include "services/trainer/options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::trainer {
namespace {

constexpr char kExamples[] = R"(Examples:
  niwaki-train --space kws --data keywords.nwd --out kws.supernet.safetensors --minutes 4
  niwaki-train --space cifar32 --data cifar10.nwd --out cifar32.supernet.safetensors --epochs 20 --seed 7
  niwaki-train --space kws --data keywords.nwd --out kws.supernet.safetensors --resume
  niwaki-train evaluate --supernet kws.supernet.safetensors --data keywords.nwd --subnet smallest --split test
  niwaki-train export --supernet cifar32.supernet.safetensors --data cifar10.nwd --subnet @best.json --out best

Ctrl-C writes a checkpoint beside the output; the same command with --resume goes on from it.
)";

void AddCommon(CLI::App& app, Options& options) {
  app.add_option("--data", options.data, "Prepared data file (niwaki data …)");
  app.add_option("--device", options.device, "cpu or cuda")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads; 0 for one for each core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--output", options.output_format, "Form of the result: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

void AddTraining(CLI::App& app, Options& options) {
  app.add_option("--space", options.space, "Search space: a catalogue name or a .textproto file");
  app.add_option("--out", options.out, "Supernet file to write");
  app.add_option("--recipe", options.recipe, "Recipe file (JSON) instead of the space's own");
  auto* minutes = app.add_option("--minutes", options.minutes, "Length of the training in minutes")
                      ->check(CLI::PositiveNumber);
  app.add_option("--epochs", options.epochs, "Length of the training in epochs")
      ->check(CLI::PositiveNumber)
      ->excludes(minutes);
  app.add_option("--seed", options.seed, "Seed of weights, order, subnets and augmentation")
      ->capture_default_str();
  app.add_flag("--resume", options.resume, "Go on from OUT.checkpoint");
}

void AddSubnet(CLI::App& app, Options& options) {
  app.add_option("--supernet", options.supernet, "Supernet file")->required();
  app.add_option("--subnet", options.subnet, "JSON, @FILE, largest or smallest")
      ->capture_default_str();
  app.add_option("--calibration-images", options.calibration_images,
                 "Images for batch-norm recalibration; 0 for all")
      ->capture_default_str();
}

void AddExport(CLI::App& app, Options& options) {
  app.add_option("--out", options.out, "Folder to write: net.config, run.config and init");
  app.add_option(
         "--format", options.format,
         "Names of the tensors: ofa (once-for-all) or mcunet, whose blocks are named otherwise")
      ->check(CLI::IsMember({"ofa", "mcunet"}))
      ->capture_default_str();
}

void AddEvaluation(CLI::App& app, Options& options) {
  app.add_option("--split", options.split, "train, calibration, validation or test")
      ->capture_default_str();
  app.add_option("--evaluation-images", options.evaluation_images, "Images to evaluate; 0 for all")
      ->capture_default_str();
}

absl::Status Invalid(absl::string_view field, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Message(message);
}

absl::Status CheckComplete(const Options& options) {
  if (options.data.empty()) return Invalid("--data", "--data is required");
  if (options.command == Command::kEvaluate) return absl::OkStatus();
  if (options.command == Command::kTrain && options.space.empty()) {
    return Invalid("--space", "--space is required");
  }
  if (options.out.empty()) return Invalid("--out", "--out is required");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Trains a supernet, and evaluates and exports subnets of one.", "niwaki-train");
  app.footer(kExamples);
  AddCommon(app, options);
  AddTraining(app, options);
  CLI::App* evaluate =
      app.add_subcommand("evaluate", "Print the accuracy of one subnet of a supernet");
  AddCommon(*evaluate, options);
  AddSubnet(*evaluate, options);
  AddEvaluation(*evaluate, options);
  CLI::App* exported = app.add_subcommand(
      "export", "Write one subnet, recalibrated, as OFA's net.config and state dict");
  AddCommon(*exported, options);
  AddSubnet(*exported, options);
  AddExport(*exported, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, std::cout);
    options.command = Command::kNone;
    return options;
  } catch (const CLI::ParseError& error) {
    return Invalid("arguments", error.what());
  }
  if (evaluate->parsed()) options.command = Command::kEvaluate;
  if (exported->parsed()) options.command = Command::kExport;
  const absl::Status complete = CheckComplete(options);
  if (!complete.ok()) return complete;
  return options;
}

}  // namespace niwaki::trainer
