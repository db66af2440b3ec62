// From a data set as it is published to one prepared file.

#ifndef NIWAKI_LIBS_DATA_PREPARED_PREPARE_H_
#define NIWAKI_LIBS_DATA_PREPARED_PREPARE_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/audio/log_mel.h"
#include "libs/data/audio/windows.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

enum class SourceFormat { kCifar10, kCifar100, kIdx, kImages, kWav };

// `cifar10`, `cifar100`, `idx`, `images`, `wav`.
absl::string_view SourceFormatName(SourceFormat format);
absl::StatusOr<SourceFormat> ParseSourceFormat(absl::string_view name);

struct PrepareOptions {
  SourceFormat format = SourceFormat::kCifar10;
  // A folder, see the reader of each format.
  std::string input;
  std::string out;
  // Empty: the name of the format.
  std::string name;
  // Parts of the examples per split, of sum 1: all four, or those of the splits that the source
  // leaves to them. A split whose examples the source names (the test of CIFAR and
  // IDX, the layouts of class_folder.h) is those as they are, and the other parts share the rest.
  std::array<double, kSplitCount> shares = {0.78, 0.02, 0.1, 0.1};
  uint64_t seed = 1;
  // Whether the layouts of class_folder.h are followed.
  bool use_splits = true;
  // Go on without files that cannot be read and examples that are blank (blank.h), and count them.
  bool skip_bad = false;
  // The most examples that may be blank otherwise, as a part of all; 0 to 1.
  double max_blank_share = 0.05;
  // For `images` only.
  int channels = 3;
  int height = 96;
  int width = 96;
  // For `wav` only.
  LogMelOptions front_end;
  Windows windows = Windows::kLoudest;
  bool keep_groups = true;
  bool use_noise = true;
  // A prepared file that this one is to be a test of, for a network trained on that file: every
  // example read (of a source with test examples of its own, those) becomes the test split; shape,
  // front end, classes and normalisation are that file's, and so are the calibration examples, so
  // that batch norm is recalibrated as it is when deployed. Train and validation stay empty.
  // Empty for none.
  std::string test_of;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

// Reads, splits by seed, computes mean and deviation of the training split, and writes
// `options.out` atomically. Returns what became of every file of the source; of a folder of files
// the data's metadata keeps it too. The same options and source give the same file. The errors of
// the reader, of SettleBlank, of PartitionExamples and of writing; with `test_of` those of opening
// it and FailedPrecondition with SUPERNET_MISMATCH for a class or a shape that it does not have;
// Cancelled.
absl::StatusOr<SourceReport> Prepare(const PrepareOptions& options,
                                     const ParallelOptions& parallel);

// A description for people, several lines: name, digest, shape, classes, sizes, classes that a
// split lacks, front end, attributes, what became of the source's files: `report` where it is
// given, else what the file keeps of it.
absl::StatusOr<std::string> DescribePrepared(const std::string& path,
                                             const SourceReport* report = nullptr);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_PREPARE_H_
