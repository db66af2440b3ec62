// What a file is by its first bytes, whatever its name says: so that the error of a reader that
// does not read it says what it is and which command makes something that is read.

#ifndef NIWAKI_LIBS_DATA_FILE_KIND_H_
#define NIWAKI_LIBS_DATA_FILE_KIND_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::data {

enum class MediaKind { kPicture, kSound, kOther };

struct FileKind {
  // As it stands in a message: "GIF", "HTML page".
  absl::string_view name;
  MediaKind media = MediaKind::kOther;
};

// What is read of each, as it stands in a message.
inline constexpr char kPicturesRead[] = "JPEG, PNG, BMP and WebP";
inline constexpr char kSoundsRead[] = "WAV files of PCM and float samples";

// nullopt when the bytes begin like nothing known.
std::optional<FileKind> FileKindOf(absl::string_view bytes);

// Unimplemented with FILE_MALFORMED: `what`, a file's name, is of the kind `name`, a picture or a
// sound that is not read; the message has the command that converts it.
absl::Status NotReadError(absl::string_view name, MediaKind media, absl::string_view what);

// The error of a reader of pictures, or of sounds, for bytes that it does not know: NotReadError
// for those of another format, InvalidArgument with FILE_MALFORMED for anything else, such as a web
// page or a file without bytes.
absl::Status UnknownFileError(absl::string_view bytes, MediaKind wanted, absl::string_view what);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_FILE_KIND_H_
