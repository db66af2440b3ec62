// A folder of JPEG and PNG pictures, one sub-folder per class.

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

  // InvalidArgument with field, value and limit.
  absl::Status Validate() const;
};

// Files ending in .jpg, .jpeg or .png. A picture that cannot be read ends it with that picture's
// error, so that nothing is lost unseen. The errors of ListClassFolder and DecodeImage; Cancelled.
absl::StatusOr<ExampleSet> ReadImageFolder(const ImageFolderOptions& options,
                                           const ParallelOptions& parallel);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_IMAGE_IMAGE_FOLDER_H_
