#include "libs/data/image/image_folder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/file.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/data/class_folder.h"
#include "libs/data/image/image.h"

namespace niwaki::data {
namespace {

constexpr int kMaxSide = 4096;
constexpr int64_t kMaxFileBytes = int64_t{256} << 20;

}  // namespace

absl::Status ImageFolderOptions::Validate() const {
  if (channels != 1 && channels != 3) return InvalidValue("channels", channels, "1 or 3");
  NIWAKI_RETURN_IF_ERROR(CheckRange("height", height, 1, kMaxSide));
  return CheckRange("width", width, 1, kMaxSide);
}

absl::StatusOr<ExampleSet> ReadImageFolder(const ImageFolderOptions& options,
                                           const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_ASSIGN_OR_RETURN(const ClassFolder listing,
                          ListClassFolder(options.folder, {".jpg", ".jpeg", ".png"}));
  ExampleSet set;
  set.class_names = listing.class_names;
  set.channels = options.channels;
  set.height = options.height;
  set.width = options.width;
  for (const ClassFile& file : listing.files) set.labels.push_back(file.label);
  set.examples.resize(set.size() * set.BytesPerExample());
  NIWAKI_RETURN_IF_ERROR(ParallelFor(set.size(), parallel, [&](int64_t i) -> absl::Status {
    const std::string& path = listing.files[i].path;
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxFileBytes));
    NIWAKI_ASSIGN_OR_RETURN(const Image image, DecodeImage(bytes, path));
    const std::vector<uint8_t> fitted =
        FitImage(image, options.channels, options.height, options.width);
    std::copy(fitted.begin(), fitted.end(), set.examples.begin() + i * set.BytesPerExample());
    return absl::OkStatus();
  }));
  return set;
}

}  // namespace niwaki::data
