// A folder of pictures, one sub-folder per class (class_folder.h).

#ifndef NIWAKI_LIBS_DATA_IMAGE_IMAGE_FOLDER_H_
#define NIWAKI_LIBS_DATA_IMAGE_IMAGE_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/data/example_set.h"
#include "libs/data/parallel.h"

namespace niwaki::data {

struct ImageFolderOptions {
  std::string folder;
  // 3 (red, green, blue) or 1 (grey).
  int channels = 3;
  // Every picture is cut around its centre to this shape and resized; 1 to 4096.
  int height = 96;
  int width = 96;
  // Whether splits that the folder brings are followed, and whether bad files are left out.
  bool use_splits = true;
  bool skip_bad = false;
  // Whether every class needs an example that may be trained on.
  bool for_training = true;

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

// Files whose names end as those of pictures do, and files without an ending that begin as pictures
// do; what they are is told by their content. The set has names, dealing where the folder brings
// splits, and a report that accounts for every file. The errors of ListClassFolder and
// ReadClassFolder, which names all pictures that cannot be read; Cancelled.
absl::StatusOr<ExampleSet> ReadImageFolder(const ImageFolderOptions& options,
                                           const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_IMAGE_FOLDER_H_
