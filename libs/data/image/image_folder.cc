#include "libs/data/image/image_folder.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/data/class_folder.h"
#include "libs/data/folder_reader.h"
#include "libs/data/image/image.h"

namespace niwaki::data {
namespace {

constexpr int kMaxSide = 4096;

// As the files of a class folder that are tried. Formats that DecodeImage does not read are among
// them: a picture that is not used is an error, not silence.
ClassFolderOptions ListingOf(const ImageFolderOptions& options) {
  ClassFolderOptions listing;
  listing.root = options.folder;
  listing.what = "picture";
  listing.extensions = {".jpg",  ".jpeg", ".jpe", ".jfif", ".png",  ".bmp",  ".dib",
                        ".webp", ".gif",  ".tif", ".tiff", ".heic", ".heif", ".avif",
                        ".jp2",  ".jxl",  ".ppm", ".pgm",  ".pbm",  ".pnm",  ".tga"};
  listing.looks_right = [](absl::string_view bytes) {
    const bool riff = absl::StartsWith(bytes, "RIFF") && bytes.substr(8, 4) == "WEBP";
    return absl::StartsWith(bytes, "\xFF\xD8\xFF") || absl::StartsWith(bytes, "\x89PNG\r\n") ||
           absl::StartsWith(bytes, "GIF8") || riff;
  };
  listing.use_splits = options.use_splits;
  return listing;
}

// Moves the examples that were kept to the front, in their order, and drops the others.
void Compact(const std::vector<int64_t>& kept, int64_t bytes, std::vector<uint8_t>& examples) {
  for (size_t k = 0; k < kept.size(); ++k) {
    const int64_t to = static_cast<int64_t>(k) * bytes;
    if (kept[k] * bytes == to) continue;
    std::copy_n(examples.begin() + kept[k] * bytes, bytes, examples.begin() + to);
  }
  examples.resize(static_cast<int64_t>(kept.size()) * bytes);
}

}  // namespace

absl::Status ImageFolderOptions::Validate() const {
  if (channels != 1 && channels != 3) return InvalidValue("channels", channels, "1 or 3");
  NIWAKI_RETURN_IF_ERROR(CheckRange("height", height, 1, kMaxSide));
  return CheckRange("width", width, 1, kMaxSide);
}

absl::StatusOr<ExampleSet> ReadImageFolder(const ImageFolderOptions& options,
                                           const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_ASSIGN_OR_RETURN(const ClassFolder listing, ListClassFolder(ListingOf(options)));
  ExampleSet set;
  set.channels = options.channels;
  set.height = options.height;
  set.width = options.width;
  const int64_t bytes_per_example = set.BytesPerExample();
  set.examples.resize(listing.files.size() * bytes_per_example);
  FolderReadOptions reading;
  reading.skip_bad = options.skip_bad;
  reading.for_training = options.for_training;
  NIWAKI_ASSIGN_OR_RETURN(
      FolderContent content,
      ReadClassFolder(
          listing, options.folder, reading, parallel,
          [&](int64_t i, const std::string& bytes, std::string& warning) -> absl::Status {
            NIWAKI_ASSIGN_OR_RETURN(const Image image, DecodeImage(bytes, listing.files[i].name));
            warning = image.warning;
            const std::vector<uint8_t> fitted =
                FitImage(image, options.channels, options.height, options.width);
            std::copy(fitted.begin(), fitted.end(), set.examples.begin() + i * bytes_per_example);
            return absl::OkStatus();
          }));
  Compact(content.kept, bytes_per_example, set.examples);
  for (int64_t i : content.kept) {
    set.names.push_back(listing.files[i].name);
    set.dealing.push_back(listing.files[i].dealing);
  }
  set.class_names = std::move(content.class_names);
  set.labels = std::move(content.labels);
  set.report = std::move(content.report);
  return set;
}

}  // namespace niwaki::data
