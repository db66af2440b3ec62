// IDX files, the form of MNIST and its family (LeCun): big-endian header, then bytes. Plain or
// packed with gzip.

#ifndef NIWAKI_LIBS_DATA_IMAGE_IDX_H_
#define NIWAKI_LIBS_DATA_IMAGE_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/example_set.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

// An array of unsigned bytes.
struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;
};

// InvalidArgument with FILE_MALFORMED: wrong magic, elements other than unsigned bytes, 0 or more
// than 4 dimensions, a size that does not match the bytes exactly. `what` names the file.
absl::StatusOr<IdxArray> ParseIdx(absl::string_view bytes, absl::string_view what);

// Pairs images [n, height, width] with labels [n]; classes are 0 to the highest label, at least 10,
// named by number. InvalidArgument when the shapes do not fit each other, or a side is not in [1,
// 4096].
absl::StatusOr<ExampleSet> PairIdx(IdxArray images, IdxArray labels, absl::string_view what);

struct IdxFolder {
  ExampleSet train;
  ExampleSet test;
  // Accounts for every file of the folder.
  SourceReport report;
};

// Reads `train-images…`, `train-labels…`, `t10k-images…` and `t10k-labels…` of a folder, with or
// without `.gz`. NotFound with FILE_UNKNOWN when one is missing; of several that are missing or
// bad, all are named in one error (BadItems of folder_reader.h).
absl::StatusOr<IdxFolder> ReadIdxFolder(const std::string& folder);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_IDX_H_
