#include "libs/data/file_kind.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::data {
namespace {

constexpr MediaKind kPicture = MediaKind::kPicture;
constexpr MediaKind kSound = MediaKind::kSound;
constexpr MediaKind kOther = MediaKind::kOther;

struct Magic {
  size_t at;
  absl::string_view bytes;
  FileKind kind;
};

// Earlier rows win. Zero bytes within a magic need its length.
constexpr Magic kMagics[] = {
    {0, "\xFF\xD8\xFF", {"JPEG", kPicture}},
    {0, "\x89PNG", {"PNG", kPicture}},
    {0, "GIF8", {"GIF", kPicture}},
    {0, {"II*\0", 4}, {"TIFF", kPicture}},
    {0, {"MM\0*", 4}, {"TIFF", kPicture}},
    {0, {"II+\0", 4}, {"BigTIFF", kPicture}},
    {0, {"MM\0+", 4}, {"BigTIFF", kPicture}},
    {0, {"\0\0\0\x0CJXL ", 8}, {"JPEG XL", kPicture}},
    {0, "\xFF\x0A", {"JPEG XL", kPicture}},
    {0, {"\0\0\0\x0CjP  ", 8}, {"JPEG 2000", kPicture}},
    {0, "\xFF\x4F\xFF\x51", {"JPEG 2000", kPicture}},
    {0, "8BPS", {"Photoshop", kPicture}},
    {0, {"\0\0\1\0", 4}, {"Windows icon", kPicture}},
    {0, "#?RADIANCE", {"Radiance HDR", kPicture}},
    {0, "v/1\x01", {"OpenEXR", kPicture}},
    {0, "<svg", {"SVG", kPicture}},
    {4, "ftypheic", {"HEIC", kPicture}},
    {4, "ftypheix", {"HEIC", kPicture}},
    {4, "ftyphevc", {"HEIC", kPicture}},
    {4, "ftypmif1", {"HEIF", kPicture}},
    {4, "ftypmsf1", {"HEIF", kPicture}},
    {4, "ftypavif", {"AVIF", kPicture}},
    {4, "ftypavis", {"AVIF", kPicture}},
    {4, "ftypM4A", {"MPEG-4 audio", kSound}},
    {4, "ftyp", {"MPEG-4", kSound}},
    {8, "WAVE", {"WAV", kSound}},
    {8, "WEBP", {"WebP", kPicture}},
    {8, "AVI ", {"AVI", kSound}},
    {0, "fLaC", {"FLAC", kSound}},
    {0, "OggS", {"Ogg", kSound}},
    {0, "ID3", {"MP3", kSound}},
    {0, "FORM", {"AIFF", kSound}},
    {0, "caff", {"Core Audio", kSound}},
    {0, "#!AMR", {"AMR", kSound}},
    {0, ".snd", {"AU", kSound}},
    {0, "NIST_1A", {"NIST SPHERE", kSound}},
    {0, "wvpk", {"WavPack", kSound}},
    {0, "MAC ", {"Monkey's Audio", kSound}},
    {0, {"riff\x2E\x91\xCF\x11", 8}, {"Wave64", kSound}},
    {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", {"Windows Media", kSound}},
    {0, "\x1A\x45\xDF\xA3", {"Matroska or WebM", kSound}},
    {0, "MThd", {"MIDI file", kOther}},
    {0, "version https://git-lfs", {"Git LFS pointer (git lfs pull fetches the file)", kOther}},
    {0, "%PDF", {"PDF document", kOther}},
    {0, "PK\x03\x04", {"ZIP archive", kOther}},
    {0, "\x1F\x8B", {"gzip archive", kOther}},
    {0, "{", {"JSON text", kOther}},
    {0, "BM", {"BMP", kPicture}},
};

// The header of an MPEG audio frame has eleven bits set, and no reserved version, rate or layer.
std::optional<FileKind> MpegFrame(absl::string_view bytes) {
  if (bytes.size() < 3 || bytes[0] != '\xFF') return std::nullopt;
  const int second = static_cast<uint8_t>(bytes[1]), third = static_cast<uint8_t>(bytes[2]);
  if ((second & 0xF6) == 0xF0) return FileKind{"AAC", kSound};
  const int version = second >> 3 & 3, layer = second >> 1 & 3, bit_rate = third >> 4;
  if ((second & 0xE0) != 0xE0 || version == 1 || layer == 0 || bit_rate == 15) return std::nullopt;
  return FileKind{"MP3", kSound};
}

// Text that begins like a page of the web, as a failed download leaves one.
std::optional<FileKind> Markup(absl::string_view bytes) {
  absl::string_view text = bytes.substr(0, 1024);
  text = absl::StripLeadingAsciiWhitespace(text);
  const std::string low = absl::AsciiStrToLower(text);
  if (absl::StartsWith(low, "<!doctype html") || absl::StartsWith(low, "<html")) {
    return FileKind{"HTML page", kOther};
  }
  if (!absl::StartsWith(low, "<?xml") && !absl::StartsWith(low, "<!")) return std::nullopt;
  if (absl::StrContains(low, "<svg")) return FileKind{"SVG", kPicture};
  return absl::StrContains(low, "<html") ? FileKind{"HTML page", kOther}
                                         : FileKind{"XML text", kOther};
}

std::string ShellQuoted(absl::string_view name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c >= 0x80 || absl::StrContains("/._-+,:@%=", c);
  });
  if (plain) return std::string(name);
  return absl::StrCat("'", absl::StrReplaceAll(name, {{"'", "'\\''"}}), "'");
}

// The name of what is made of `file`; never `file` itself.
std::string ResultName(absl::string_view file, absl::string_view extension) {
  const size_t slash = file.rfind('/');
  const size_t name = slash == absl::string_view::npos ? 0 : slash + 1;
  const size_t dot = file.rfind('.');
  const bool has_extension = dot != absl::string_view::npos && dot > name;
  const std::string stem(has_extension ? file.substr(0, dot) : file);
  const std::string result = absl::StrCat(stem, extension);
  return result == file ? absl::StrCat(stem, "-converted", extension) : result;
}

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

}  // namespace

std::optional<FileKind> FileKindOf(absl::string_view bytes) {
  for (const Magic& magic : kMagics) {
    if (bytes.size() < magic.at + magic.bytes.size()) continue;
    if (bytes.substr(magic.at, magic.bytes.size()) == magic.bytes) return magic.kind;
  }
  if (const std::optional<FileKind> kind = MpegFrame(bytes)) return kind;
  return Markup(bytes);
}

absl::Status NotReadError(absl::string_view name, MediaKind media, absl::string_view what) {
  const bool picture = media == kPicture;
  const absl::string_view read = picture ? kPicturesRead : kSoundsRead;
  // Of several pictures in one file, the first.
  const std::string command = picture
                                  ? absl::StrCat("convert ", ShellQuoted(absl::StrCat(what, "[0]")),
                                                 " ", ShellQuoted(ResultName(what, ".png")))
                                  : absl::StrCat("ffmpeg -i ", ShellQuoted(what), " ",
                                                 ShellQuoted(ResultName(what, ".wav")));
  return Error(absl::StatusCode::kUnimplemented, reason::kFileMalformed)
      .Field("file")
      .Value(name)
      .Limit(read)
      .Message(absl::StrCat(what, ": ", name, " is not read, ", read,
                            " are; this converts it: ", command));
}

absl::Status UnknownFileError(absl::string_view bytes, MediaKind wanted, absl::string_view what) {
  const absl::string_view read = wanted == kPicture ? kPicturesRead : kSoundsRead;
  if (bytes.empty()) return Malformed(what, "the file is empty");
  const std::optional<FileKind> kind = FileKindOf(bytes);
  if (kind.has_value() && kind->media == wanted) return NotReadError(kind->name, wanted, what);
  const absl::string_view noun = wanted == kPicture ? "picture" : "sound";
  if (kind.has_value()) {
    return Malformed(what, absl::StrCat("the content is no ", noun, " but ", kind->name));
  }
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; })) {
    return Malformed(what, "the file holds nothing but zeros");
  }
  return Malformed(what, absl::StrCat("the content is no ", noun, " that is read, ", read, " are"));
}

}  // namespace niwaki::data
