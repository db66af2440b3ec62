#include "services/trainer/options.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "services/program/argument_checks.h"

namespace niwaki::trainer {
namespace {

constexpr char kExamples[] = R"(Examples:
  niwaki-train --space kws --data keywords.nwd --out kws.supernet.safetensors --minutes 4
  niwaki-train --space cifar32 --data cifar10.nwd --out cifar32.supernet.safetensors --epochs 20 --seed 7
  niwaki-train --recipe ofa_mbv3 --data photos.nwd --out ofa.supernet.safetensors --device cuda --precision bf16
  niwaki-train --space kws --data keywords.nwd --out kws.supernet.safetensors --resume
  niwaki-train --recipe cifar32 --data cifar10.nwd --subnet @best.json --out best.supernet.safetensors
  niwaki-train evaluate --supernet kws.supernet.safetensors --data keywords.nwd --subnet smallest --split test
  niwaki-train evaluate --supernet pixel.network.safetensors --data photos.nwd --statistics kept
  niwaki-train evaluate --supernet kws.supernet.safetensors --data keywords.nwd --subnet @best.json --int8
  niwaki-train evaluate --supernet kws.supernet.safetensors --data keywords.nwd --stream long.wav --labels long.txt
  niwaki-train compare --supernet kws.supernet.safetensors --data keywords.nwd --out compared
  niwaki-train export --supernet cifar32.supernet.safetensors --data cifar10.nwd --subnet @best.json --out best
  niwaki-train quantise --supernet kws.supernet.safetensors --data keywords.nwd --subnet @best.json --out best.tflite

Data for evaluate, compare and export has the supernet's classes, in any order (they are mapped by name), and is prepared as
its training data was; its mean and deviation are the supernet's. For quantise and evaluate --agreement any classes will do.

Ctrl-C writes a checkpoint beside the output, and so does the end of the terminal, unless nohup started the program; the
same command with --resume goes on from it.

Recipes: cifar32, kws, mcunet, ofa_mbv3, or a JSON file: a list of phases, whose choices only grow.

Several processes, on one machine or on many, share each step: the same command everywhere, with RANK, WORLD_SIZE,
MASTER_ADDR and MASTER_PORT in the environment, as launchers set them. Every process needs the data file; only rank 0
writes. The result is that of one process with the same batch_size; where each process has the same power of two of
shards it is the same bit for bit.
  torchrun --no-python --nnodes 2 --nproc-per-node 1 --node-rank 0 --master-addr host0 --master-port 29500 \
    niwaki-train --recipe cifar32 --data cifar10.nwd --out c.safetensors
  mpirun -n 4 -x MASTER_ADDR=host0 -x MASTER_PORT=29500 sh -c \
    'RANK=$OMPI_COMM_WORLD_RANK WORLD_SIZE=$OMPI_COMM_WORLD_SIZE
     exec niwaki-train --recipe cifar32 --data cifar10.nwd --out c.safetensors'
  for rank in 0 1; do ssh host$rank "RANK=$rank WORLD_SIZE=2 MASTER_ADDR=host0 MASTER_PORT=29500 \
    niwaki-train --recipe cifar32 --data cifar10.nwd --out c.safetensors" & done; wait
GLOO_SOCKET_IFNAME names the network interface where a machine has several; LOCAL_RANK gives each process of a machine
a GPU of its own.
)";

void AddCommon(CLI::App& app, Options& options) {
  app.add_option("--data", options.data, "Prepared data file (niwaki data …)");
  app.add_option("--device", options.device, "cpu or cuda")->capture_default_str();
  app.add_option("--threads", options.threads, "Threads; 0 for one for each core")
      ->check(program::FromZero())
      ->capture_default_str();
  app.add_option("--output", options.output_format, "Form of the result: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      // niwaki puts its own behind those of the command.
      ->take_last()
      ->capture_default_str();
}

// How long, and from which seed.
void AddLength(CLI::App& app, Options& options) {
  auto* minutes = app.add_option("--minutes", options.minutes,
                                 "Length of the training in minutes; phases share them by epochs")
                      ->check(program::AboveZero());
  app.add_option("--epochs", options.epochs,
                 "Length of the training in epochs; the recipe's phases stretch alike")
      ->check(program::AboveZero())
      ->excludes(minutes);
  app.add_option("--seed", options.seed, "Seed of weights, order, subnets and augmentation")
      ->capture_default_str();
}

void AddPrecision(CLI::App& app, Options& options) {
  app.add_option("--precision", options.precision,
                 "f32; on cuda also bf16 or f16, in which convolutions compute")
      ->check(CLI::IsMember({"f32", "bf16", "f16"}))
      ->capture_default_str();
}

void AddTraining(CLI::App& app, Options& options) {
  app.add_option(
      "--space", options.space,
      "Search space: a catalogue name or a .textproto file; without it the recipe's own");
  app.add_option("--out", options.out,
                 "Supernet file to write; OUT.log.jsonl and OUT.checkpoint are written beside it");
  app.add_option("--recipe", options.recipe,
                 "Recipe: a catalogue name or a JSON file, instead of the space's own");
  AddPrecision(app, options);
  app.add_option("--rank-timeout-seconds", options.rank_timeout_seconds,
                 "How long a process of several waits for another that is silent")
      ->check(program::AboveZero())
      ->capture_default_str();
  AddLength(app, options);
  app.add_flag("--resume", options.resume, "Go on from OUT.checkpoint");
  app.add_option("--subnet", options.alone,
                 "Train one network of the space alone, as long as the recipe trains the "
                 "supernet: largest (max), smallest (min), OFA's JSON or @FILE");
}

void AddSupernet(CLI::App& app, Options& options) {
  app.add_option("--supernet", options.supernet, "Supernet file")->required();
  app.add_option("--calibration-images", options.calibration_images,
                 "Images for batch-norm recalibration, and for ranges in int8; 0 for all")
      ->check(program::FromZero())
      ->capture_default_str();
}

void AddSubnet(CLI::App& app, Options& options) {
  AddSupernet(app, options);
  app.add_option("--subnet", options.subnet, "largest (max), smallest (min), OFA's JSON or @FILE")
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

void AddSplit(CLI::App& app, Options& options) {
  app.add_option("--split", options.split, "train, calibration, validation or test")
      ->capture_default_str();
  app.add_option("--evaluation-images", options.evaluation_images, "Images to evaluate; 0 for all")
      ->check(program::FromZero())
      ->capture_default_str();
}

void AddStatistics(CLI::App& app, Options& options) {
  app.add_option("--statistics", options.statistics,
                 "Of batch norm: recalibrated for the subnet, or kept as the file has them, for a "
                 "network that was trained or published alone")
      ->check(CLI::IsMember({"recalibrated", "kept"}))
      ->capture_default_str();
}

void AddQuantisation(CLI::App& app, Options& options) {
  app.add_option("--ranges", options.ranges,
                 "Of int8 activations: min-max, percentile (without the outermost values) or mse "
                 "(with the least mean squared error)")
      ->check(CLI::IsMember({"min-max", "percentile", "mse"}))
      ->capture_default_str();
  app.add_option("--percentile", options.percentile,
                 "Of --ranges percentile: the share of values inside")
      ->check(program::AboveZero())
      ->capture_default_str();
  app.add_option("--equalise", options.equalise,
                 "Enlarge small channels of activations before they are rounded: true or false")
      ->capture_default_str();
  app.add_option("--correct-bias", options.correct_bias,
                 "Let biases make up for rounded weights: true or false")
      ->capture_default_str();
}

void AddStream(CLI::App& app, Options& options) {
  auto* stream = app.add_option(
      "--stream", options.stream,
      "A long recording (WAV of the data's rate) in place of a split: hits, misses and false "
      "alarms "
      "per hour, in int8, by the loop that an export holds (niwaki data make-stream makes one)");
  auto* labels = app.add_option("--labels", options.labels,
                                "Of --stream: a file of lines SECONDS WORD, where each word's "
                                "middle is");
  stream->needs(labels);
  labels->needs(stream);
  app.add_option("--threshold", options.threshold,
                 "Of --stream: the average posterior, of 255, that makes a keyword [an export's]")
      ->check(CLI::Range(1, 255))
      ->needs(stream);
}

void AddEvaluation(CLI::App& app, Options& options) {
  AddSplit(app, options);
  AddStatistics(app, options);
  app.add_flag("--int8", options.int8,
               "The accuracy in int8 as well, by the kernels that a device runs");
  app.add_flag("--agreement", options.agreement,
               "In place of accuracies: how often int8 answers as floats do; labels are not looked "
               "at, so the data may have any classes");
  app.add_option("--ladder", options.ladder,
                 "In place of --subnet this many, from the smallest to the largest")
      ->check(CLI::Range(2, 64));
  AddStream(app, options);
  AddQuantisation(app, options);
}

void AddQuantise(CLI::App& app, Options& options) {
  app.add_option("--out", options.out, "TensorFlow Lite file to write");
  app.add_option("--record", options.record,
                 "JSON file to write: key, digests, options, classes and preparation of the data");
  AddStatistics(app, options);
  AddQuantisation(app, options);
}

void AddComparison(CLI::App& app, Options& options) {
  AddSupernet(app, options);
  AddSplit(app, options);
  AddPrecision(app, options);
  app.add_option("--out", options.out,
                 "Folder for the networks trained alone and the table; the same command goes on "
                 "with what is there");
  app.add_option("--subnets", options.subnets, "How many, from the smallest to the largest")
      ->check(CLI::Range(2, 64))
      ->capture_default_str();
  app.add_option("--epochs", options.epochs,
                 "Length of each training; as many as the supernet was trained when not given")
      ->check(program::AboveZero());
  app.add_option("--seed", options.seed, "Seed of weights, order and augmentation")
      ->capture_default_str();
}

// What the program is called in its help.
struct CommandNames {
  std::string app;
  std::vector<std::pair<std::string, std::string>> in_examples;
};

// `niwaki train …` and others become this program under the name `niwaki`, and are called so by
// their users.
CommandNames NamesFor(int argc, const char* const* argv) {
  if (argc == 0 || absl::string_view(argv[0]) != "niwaki") return {"niwaki-train", {}};
  const absl::string_view command = argc > 1 ? argv[1] : "";
  CommandNames names;
  names.app = command == "export"                             ? "niwaki supernet"
              : command == "evaluate" || command == "compare" ? "niwaki"
                                                              : "niwaki train";
  names.in_examples = {{"niwaki-train evaluate", "niwaki evaluate"},
                       {"niwaki-train compare", "niwaki compare"},
                       {"niwaki-train export", "niwaki supernet export"},
                       {"niwaki-train", "niwaki train"}};
  return names;
}

absl::Status Invalid(absl::string_view field, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Message(message);
}

absl::Status CheckComplete(const Options& options) {
  if (options.data.empty()) return Invalid("--data", "--data is required");
  if (options.command == Command::kEvaluate) return absl::OkStatus();
  if (options.command == Command::kTrain && options.space.empty() && options.recipe.empty()) {
    return Invalid("--space", "--space or --recipe is required");
  }
  if (options.out.empty()) return Invalid("--out", "--out is required");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv) {
  Options options;
  const CommandNames names = NamesFor(argc, argv);
  CLI::App app("Trains a supernet, and evaluates, exports and quantises subnets of one.",
               names.app);
  app.footer(absl::StrReplaceAll(kExamples, names.in_examples));
  AddCommon(app, options);
  AddTraining(app, options);
  CLI::App* evaluate =
      app.add_subcommand("evaluate", "Print the accuracy of one subnet of a supernet");
  AddCommon(*evaluate, options);
  AddSubnet(*evaluate, options);
  AddEvaluation(*evaluate, options);
  CLI::App* compare = app.add_subcommand(
      "compare", "Train subnets alone, and print how the supernet's compare with them");
  AddCommon(*compare, options);
  AddComparison(*compare, options);
  CLI::App* exported = app.add_subcommand(
      "export", "Write one subnet, recalibrated, as OFA's net.config and state dict");
  AddCommon(*exported, options);
  AddSubnet(*exported, options);
  AddExport(*exported, options);
  CLI::App* quantise = app.add_subcommand(
      "quantise", "Write one subnet, recalibrated, in int8 as a TensorFlow Lite file");
  AddCommon(*quantise, options);
  AddSubnet(*quantise, options);
  AddQuantise(*quantise, options);
  program::CheckArguments(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help, std::cout);
    options.command = Command::kNone;
    return options;
  } catch (const CLI::ParseError& error) {
    return Invalid("arguments", program::DescribeError(error));
  }
  if (evaluate->parsed()) options.command = Command::kEvaluate;
  if (compare->parsed()) options.command = Command::kCompare;
  if (exported->parsed()) options.command = Command::kExport;
  if (quantise->parsed()) options.command = Command::kQuantise;
  const absl::Status complete = CheckComplete(options);
  if (!complete.ok()) return complete;
  return options;
}

}  // namespace niwaki::trainer
