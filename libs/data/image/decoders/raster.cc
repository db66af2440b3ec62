#include "libs/data/image/decoders/raster.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::data {

absl::Status MalformedImage(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

absl::Status CheckImageSize(int64_t height, int64_t width, absl::string_view what) {
  if (height < 1 || width < 1) return MalformedImage(what, "no pixels");
  if (height <= kMaxPixels / width) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
      .Field("file")
      .Value(absl::StrCat(width, "x", height))
      .Limit(kMaxPixels)
      .Message(
          absl::StrCat(what, ": ", width, "x", height, " is more than ", kMaxPixels, " pixels"));
}

}  // namespace niwaki::data
