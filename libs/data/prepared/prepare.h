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
#include "libs/data/parallel.h"
#include "libs/data/prepared/metadata.h"

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
  // Parts of the examples per split. Where the source has its own test examples (CIFAR, IDX) those
  // are the test split as they are, and the other three parts share the source's training examples.
  std::array<double, kSplitCount> shares = {0.78, 0.02, 0.1, 0.1};
  uint64_t seed = 1;
  // For `images` only.
  int channels = 3;
  int height = 96;
  int width = 96;
  // For `wav` only.
  LogMelOptions front_end;
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
// `options.out` atomically. The same options and source give the same file. The errors of the
// reader, of PartitionExamples and of writing; with `test_of` those of opening it and
// FailedPrecondition with SUPERNET_MISMATCH for a class or a shape that it does not have;
// Cancelled.
absl::Status Prepare(const PrepareOptions& options, const ParallelOptions& parallel);

// A description for people, several lines: name, digest, shape, classes, sizes, front end,
// attributes.
absl::StatusOr<std::string> DescribePrepared(const std::string& path);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_PREPARE_H_
