#include "libs/tensorfile/zip_writer.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/crc32.h"

namespace niwaki::tensorfile {
namespace {

constexpr uint64_t kAlignment = 64;
constexpr uint16_t kZipVersion = 20;
constexpr uint16_t kUtf8Flag = 0x800;
// 1 January 1980, the first day of the format.
constexpr uint16_t kZipDate = 0x21;
// Extra field of padding, as PyTorch has it.
constexpr uint16_t kPaddingExtra = 0x4246;

void AppendNumber(std::string& out, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

// What local header and directory share, from the version to the length of the name.
std::string CommonFields(absl::string_view name, absl::string_view content) {
  std::string fields;
  AppendNumber(fields, kZipVersion, 2);
  AppendNumber(fields, kUtf8Flag, 2);
  AppendNumber(fields, 0, 2);
  AppendNumber(fields, 0, 2);
  AppendNumber(fields, kZipDate, 2);
  AppendNumber(fields, Crc32(content), 4);
  AppendNumber(fields, content.size(), 4);
  AppendNumber(fields, content.size(), 4);
  AppendNumber(fields, name.size(), 2);
  return fields;
}

}  // namespace

void ZipWriter::Add(absl::string_view name, absl::string_view content) {
  const uint64_t offset = archive_.size();
  const std::string common = CommonFields(name, content);
  const uint64_t before_padding = offset + 4 + common.size() + 2 + name.size() + 4;
  const uint64_t padding = (kAlignment - before_padding % kAlignment) % kAlignment;
  archive_ += "PK\x03\x04";
  archive_ += common;
  AppendNumber(archive_, 4 + padding, 2);
  absl::StrAppend(&archive_, name);
  AppendNumber(archive_, kPaddingExtra, 2);
  AppendNumber(archive_, padding, 2);
  archive_.append(padding, 'Z');
  absl::StrAppend(&archive_, content);

  directory_ += "PK\x01\x02";
  AppendNumber(directory_, kZipVersion, 2);
  directory_ += common;
  // No extra field, no comment, first disk, no attributes.
  AppendNumber(directory_, 0, 2 + 2 + 2 + 2);
  AppendNumber(directory_, 0, 4);
  AppendNumber(directory_, offset, 4);
  absl::StrAppend(&directory_, name);
  ++entries_;
}

std::string ZipWriter::Finish() && {
  const uint64_t offset = archive_.size();
  archive_ += directory_;
  archive_ += "PK\x05\x06";
  AppendNumber(archive_, 0, 4);
  AppendNumber(archive_, entries_, 2);
  AppendNumber(archive_, entries_, 2);
  AppendNumber(archive_, directory_.size(), 4);
  AppendNumber(archive_, offset, 4);
  AppendNumber(archive_, 0, 2);
  return std::move(archive_);
}

}  // namespace niwaki::tensorfile
