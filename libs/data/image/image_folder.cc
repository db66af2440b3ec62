#include "libs/data/image/image_folder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/class_folder.h"
#include "libs/data/image/image.h"

namespace niwaki::data {
namespace {

constexpr int kMaxSide = 4096;
constexpr int64_t kMaxFileBytes = int64_t{256} << 20;

absl::Status Invalid(absl::string_view field, int value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value, " not in ", limit));
}

}  // namespace

absl::Status ImageFolderOptions::Validate() const {
  if (channels != 1 && channels != 3) return Invalid("channels", channels, "{1, 3}");
  if (height < 1 || height > kMaxSide) return Invalid("height", height, "[1, 4096]");
  if (width < 1 || width > kMaxSide) return Invalid("width", width, "[1, 4096]");
  return absl::OkStatus();
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
