#include "libs/data/file_kind.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

std::string NameOf(absl::string_view bytes) {
  const auto kind = FileKindOf(bytes);
  return kind.has_value() ? std::string(kind->name) : "none";
}

TEST(FileKindTest, FirstBytesTellTheKind) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"GIF89a\x01", "GIF"},
      {std::string("II*\0\x08\0\0\0", 8), "TIFF"},
      {std::string("MM\0*\0\0\0\x08", 8), "TIFF"},
      {std::string("\0\0\0\x18"
                   "ftypheic",
                   12),
       "HEIC"},
      {std::string("\0\0\0\x1C"
                   "ftypavif",
                   12),
       "AVIF"},
      {std::string("\0\0\0\x20"
                   "ftypM4A ",
                   12),
       "MPEG-4 audio"},
      {std::string("\0\0\0\x20"
                   "ftypisom",
                   12),
       "MPEG-4"},
      {"RIFF....WAVEfmt ", "WAV"},
      {"RIFF....WEBPVP8 ", "WebP"},
      {"fLaC", "FLAC"},
      {"OggS", "Ogg"},
      {std::string("ID3\x04\0", 5), "MP3"},
      {"\xFF\xFB\x90\x64", "MP3"},
      {"\xFF\xF1\x50\x80", "AAC"},
      {"\xFF\xD8\xFF\xE0", "JPEG"},
      {"FORM....AIFF", "AIFF"},
      {"BM....", "BMP"},
      {"  <!DOCTYPE html><title>404</title>", "HTML page"},
      {"<?xml version=\"1.0\"?>\n<svg>", "SVG"},
      {"<?xml version=\"1.0\"?><Error>", "XML text"},
      {"version https://git-lfs.github.com/spec/v1",
       "Git LFS pointer (git lfs pull fetches the file)"},
      {"\xFF\xFF\xFF\xFF", "none"},
      {"hello", "none"},
      {"", "none"}};
  for (const auto& [bytes, want] : cases) EXPECT_EQ(NameOf(bytes), want);
}

TEST(FileKindTest, FormatThatIsNotReadNamesTheCommand) {
  EXPECT_THAT(UnknownFileError("GIF89a", MediaKind::kPicture, "cats/a.gif"),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "cats/a.gif: GIF is not read, JPEG, PNG, BMP and WebP are; this converts "
                       "it: convert 'cats/a.gif[0]' cats/a.png"));
  EXPECT_THAT(UnknownFileError("fLaC", MediaKind::kSound, "yes/my clip.flac"),
              StatusIs(absl::StatusCode::kUnimplemented,
                       "yes/my clip.flac: FLAC is not read, WAV files of PCM and float samples "
                       "are; this converts it: ffmpeg -i 'yes/my clip.flac' 'yes/my clip.wav'"));
}

TEST(FileKindTest, ResultNeverHasTheNameOfTheFile) {
  EXPECT_THAT(
      UnknownFileError("ID3", MediaKind::kSound, "a.b/c.wav"),
      StatusIs(absl::StatusCode::kUnimplemented, "ffmpeg -i a.b/c.wav a.b/c-converted.wav"));
  EXPECT_THAT(UnknownFileError("ID3", MediaKind::kSound, "a.b/c"),
              StatusIs(absl::StatusCode::kUnimplemented, "ffmpeg -i a.b/c a.b/c.wav"));
  EXPECT_THAT(UnknownFileError("ID3", MediaKind::kSound, "it's.mp3"),
              StatusIs(absl::StatusCode::kUnimplemented, "-i 'it'\\''s.mp3' 'it'\\''s.wav'"));
}

TEST(FileKindTest, WhatIsNoPictureOrSoundIsMalformed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "x.jpg: the file is empty"},
      {std::string(64, '\0'), "x.jpg: the file holds nothing but zeros"},
      {"<html><body>Not found", "x.jpg: the content is no picture but HTML page"},
      {"fLaC", "x.jpg: the content is no picture but FLAC"},
      {"hello", "x.jpg: the content is no picture that is read, JPEG, PNG, BMP and WebP are"}};
  for (const auto& [bytes, message] : cases) {
    const absl::Status status = UnknownFileError(bytes, MediaKind::kPicture, "x.jpg");

    EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
    EXPECT_EQ(status.message(), message);
  }
  EXPECT_THAT(UnknownFileError("\x89PNG", MediaKind::kSound, "x.wav"),
              StatusIs(absl::StatusCode::kInvalidArgument, "the content is no sound but PNG"));
}

}  // namespace
}  // namespace niwaki::data
