// The command line of niwaki-train.

#ifndef NIWAKI_SERVICES_TRAINER_OPTIONS_H_
#define NIWAKI_SERVICES_TRAINER_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace niwaki::trainer {

enum class Command {
  kTrain,
  kEvaluate,
  kExport,
  kCompare,
  kQuantise,
  // --help or --version has been printed.
  kNone,
};

struct Options {
  Command command = Command::kTrain;
  // Prepared data file; common to all commands.
  std::string data;
  std::string device = "cpu";
  // 0: one for each core.
  int threads = 0;
  // "text" or "json".
  std::string output_format = "text";

  // Training. Empty: the space that the recipe was made for.
  std::string space;
  std::string out;
  // A catalogue name or a file; empty: the space's own.
  std::string recipe;
  std::string precision = "f32";
  // How long a process of several waits for another.
  double rank_timeout_seconds = 1800;
  double minutes = 0;
  // 0: the recipe's.
  double epochs = 0;
  uint64_t seed = 1;
  bool resume = false;
  // The one network to train; empty for the whole space.
  std::string alone;

  // Comparison (with `supernet`, and `out`, the folder): how many subnets.
  int subnets = 6;

  // Export (with `out`, the folder) and evaluation.
  // Names of the tensors: "ofa" or "mcunet".
  std::string format = "ofa";
  std::string supernet;
  // JSON, or a file of it after '@', or "largest" or "smallest".
  std::string subnet = "largest";
  std::string split = "test";
  // "recalibrated" or "kept".
  std::string statistics = "recalibrated";
  int64_t calibration_images = 512;
  int64_t evaluation_images = 0;

  // Evaluation on a long recording, in place of a split: WAV, labels, and the average posterior, of
  // 255, that makes a keyword; empty for none, 0 for the usual.
  std::string stream;
  std::string labels;
  int threshold = 0;

  // Quantisation (with `out`, a file) and evaluation in int8.
  bool int8 = false;
  // In place of accuracies, how often int8 answers as floats do.
  bool agreement = false;
  // Subnets from the smallest to the largest, in place of `subnet`; 0: that one.
  int ladder = 0;
  // How ranges of activations are found: "min-max", "percentile" or "mse".
  std::string ranges = "mse";
  double percentile = 0.9999;
  bool equalise = true;
  bool correct_bias = true;
  // File of the record; empty for none.
  std::string record;
};

// Reads the arguments. InvalidArgument with reason ARGUMENT_INVALID and the parser's message.
absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_OPTIONS_H_
