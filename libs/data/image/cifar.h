// CIFAR-10 and CIFAR-100 in their official binary form (Krizhevsky 2009): records of one label byte
// (CIFAR-100: coarse, then fine) and 3072 pixels, planes of red, green, blue, 32×32 each.

#ifndef NIWAKI_LIBS_DATA_IMAGE_CIFAR_H_
#define NIWAKI_LIBS_DATA_IMAGE_CIFAR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/example_set.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

enum class CifarKind { kCifar10, kCifar100 };

// The ten names of CIFAR-10; `class00` to `class99` for CIFAR-100.
std::vector<std::string> CifarClassNames(CifarKind kind);

// Appends one file's records to `set` (whose shape and names this sets). `what` names the file in
// errors. InvalidArgument with FILE_MALFORMED: empty, not a whole number of records, a label out of
// range.
absl::Status AppendCifar(absl::string_view bytes, CifarKind kind, absl::string_view what,
                         ExampleSet& set);

struct CifarFolder {
  ExampleSet train;
  ExampleSet test;
  // Accounts for every file of the folder.
  SourceReport report;
};

// Reads a folder: `data_batch_*.bin` (or `train.bin`) and `test_batch.bin` (or `test.bin`); names
// from `batches.meta.txt` or `fine_label_names.txt` where there. NotFound with FILE_UNKNOWN when a
// part is missing. Of files that are bad, all are named in one error (BadItems of folder_reader.h);
// with `skip_bad` they are left out and counted.
absl::StatusOr<CifarFolder> ReadCifarFolder(const std::string& folder, CifarKind kind,
                                            bool skip_bad = false);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_CIFAR_H_
