#include "libs/tensorfile/zip_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/crc32.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::tensorfile {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kDirectorySignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kZip64EndSignature = 0x06064b50;
constexpr uint32_t kZip64LocatorSignature = 0x07064b50;

constexpr uint64_t kLocalBytes = 30;
constexpr uint64_t kDirectoryBytes = 46;
constexpr uint64_t kEndBytes = 22;
constexpr uint64_t kZip64EndBytes = 56;
constexpr uint64_t kZip64LocatorBytes = 20;
constexpr uint64_t kMaxCommentBytes = 0xFFFF;
constexpr uint64_t kMaxEntries = 200000;

constexpr uint16_t kEncryptedFlag = 1;
constexpr uint16_t kZip64Extra = 1;
// Stands for a number that the zip64 fields hold.
constexpr uint32_t kElsewhere32 = 0xFFFFFFFF;
constexpr uint16_t kElsewhere16 = 0xFFFF;

// Little-endian fields from the front; the caller has checked the length.
class Fields {
 public:
  explicit Fields(absl::string_view bytes) : bytes_(bytes) {}

  uint16_t U16() { return static_cast<uint16_t>(Take(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Take(4)); }
  uint64_t U64() { return Take(8); }
  void Skip(size_t count) { bytes_.remove_prefix(count); }

 private:
  uint64_t Take(size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes_[i]);
    bytes_.remove_prefix(count);
    return value;
  }

  absl::string_view bytes_;
};

uint32_t SignatureAt(absl::string_view bytes, uint64_t offset) {
  return Fields(bytes.substr(offset, 4)).U32();
}

struct Directory {
  uint64_t entries = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  // Where it must end.
  uint64_t end = 0;
};

// One entry of the directory as written there.
struct Record {
  std::string name;
  ZipEntry entry;
  uint64_t local_offset = 0;
  uint16_t method = 0;
};

// The parsing of one archive.
class Parser {
 public:
  Parser(absl::string_view bytes, absl::string_view what) : bytes_(bytes), what_(what) {}

  absl::StatusOr<std::map<std::string, ZipEntry>> Run() {
    NIWAKI_ASSIGN_OR_RETURN(const Directory directory, FindDirectory());
    std::map<std::string, ZipEntry> entries;
    // Of header and content, in the archive.
    std::vector<std::pair<uint64_t, uint64_t>> extents;
    uint64_t position = directory.offset;
    for (uint64_t i = 0; i < directory.entries; ++i) {
      NIWAKI_ASSIGN_OR_RETURN(Record record, ReadRecord(directory.end, position));
      NIWAKI_RETURN_IF_ERROR(CheckName(record.name));
      NIWAKI_RETURN_IF_ERROR(LocateContent(directory.offset, record));
      extents.emplace_back(record.local_offset, record.entry.offset + record.entry.size);
      if (!entries.emplace(record.name, record.entry).second) {
        return Corrupt(record.name, "stands twice in the archive");
      }
    }
    if (position != directory.end) {
      return Corrupt("", absl::StrCat("the zip directory ends at byte ", position, ", not at ",
                                      directory.end));
    }
    NIWAKI_RETURN_IF_ERROR(CheckDisjoint(std::move(extents)));
    return entries;
  }

 private:
  absl::Status Corrupt(absl::string_view entry, absl::string_view problem) const {
    const std::string name = absl::CHexEscape(entry);
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field(name.empty() ? what_ : name)
        .Message(name.empty() ? absl::StrCat(what_, ": ", problem)
                              : absl::StrCat(what_, ": zip entry ", name, " ", problem));
  }

  // The offset of the end record, whose comment reaches the end of the file.
  absl::StatusOr<uint64_t> FindEnd() const {
    if (bytes_.size() >= kEndBytes) {
      const uint64_t last = bytes_.size() - kEndBytes;
      for (uint64_t comment = 0; comment <= std::min(last, kMaxCommentBytes); ++comment) {
        const uint64_t offset = last - comment;
        if (SignatureAt(bytes_, offset) != kEndSignature) continue;
        Fields fields(bytes_.substr(offset + kEndBytes - 2));
        if (fields.U16() == comment) return offset;
      }
    }
    return Corrupt("", "no end of a zip archive; the file is cut short or of another format");
  }

  absl::StatusOr<Directory> FindDirectory() const {
    NIWAKI_ASSIGN_OR_RETURN(const uint64_t end, FindEnd());
    Fields fields(bytes_.substr(end + 4));
    const uint16_t disk = fields.U16();
    const uint16_t directory_disk = fields.U16();
    const uint16_t entries_here = fields.U16();
    Directory directory;
    directory.entries = fields.U16();
    directory.size = fields.U32();
    directory.offset = fields.U32();
    directory.end = end;
    const bool has_zip64 = end >= kZip64LocatorBytes &&
                           SignatureAt(bytes_, end - kZip64LocatorBytes) == kZip64LocatorSignature;
    if (has_zip64) {
      NIWAKI_RETURN_IF_ERROR(ReadZip64End(end - kZip64LocatorBytes, directory));
    } else if (disk != 0 || directory_disk != 0 || entries_here != directory.entries) {
      return Corrupt("", "the zip archive is a part of several");
    }
    NIWAKI_RETURN_IF_ERROR(CheckDirectory(directory));
    return directory;
  }

  absl::Status ReadZip64End(uint64_t locator, Directory& directory) const {
    Fields fields(bytes_.substr(locator + 4));
    const uint32_t disk = fields.U32();
    const uint64_t end = fields.U64();
    const uint32_t disks = fields.U32();
    if (disk != 0 || disks > 1) return Corrupt("", "the zip archive is a part of several");
    if (locator < kZip64EndBytes || end > locator - kZip64EndBytes ||
        SignatureAt(bytes_, end) != kZip64EndSignature) {
      return Corrupt("", absl::StrCat("no zip64 end record at byte ", end));
    }
    Fields record(bytes_.substr(end + 4));
    const uint64_t record_bytes = record.U64();
    if (record_bytes != locator - end - 12) {
      return Corrupt("", absl::StrCat("a zip64 end record of ", record_bytes, " bytes"));
    }
    record.Skip(12);
    const uint64_t entries_here = record.U64();
    directory.entries = record.U64();
    directory.size = record.U64();
    directory.offset = record.U64();
    directory.end = end;
    if (entries_here != directory.entries) {
      return Corrupt("", "the zip archive is a part of several");
    }
    return absl::OkStatus();
  }

  absl::Status CheckDirectory(const Directory& directory) const {
    if (directory.offset > directory.end || directory.size != directory.end - directory.offset) {
      return Corrupt("", absl::StrCat("a zip directory of ", directory.size, " bytes at byte ",
                                      directory.offset, " does not end at byte ", directory.end));
    }
    if (directory.entries > kMaxEntries || directory.entries > directory.size / kDirectoryBytes) {
      return Corrupt("", absl::StrCat(directory.entries, " zip entries in a directory of ",
                                      directory.size, " bytes; at most ", kMaxEntries));
    }
    return absl::OkStatus();
  }

  // Reads the record at `position` and moves it on.
  absl::StatusOr<Record> ReadRecord(uint64_t end, uint64_t& position) const {
    if (end - position < kDirectoryBytes || SignatureAt(bytes_, position) != kDirectorySignature) {
      return Corrupt("", absl::StrCat("no entry of the zip directory at byte ", position));
    }
    Fields fields(bytes_.substr(position + 8));
    Record record;
    const uint16_t flags = fields.U16();
    record.method = fields.U16();
    fields.Skip(4);
    record.entry.crc32 = fields.U32();
    const uint32_t packed_size = fields.U32();
    const uint32_t size = fields.U32();
    const uint64_t name_bytes = fields.U16();
    const uint64_t extra_bytes = fields.U16();
    const uint64_t comment_bytes = fields.U16();
    const uint16_t disk = fields.U16();
    fields.Skip(6);
    const uint32_t local_offset = fields.U32();
    position += kDirectoryBytes;
    if (end - position < name_bytes + extra_bytes + comment_bytes) {
      return Corrupt("", absl::StrCat("the zip directory is cut short at byte ", position));
    }
    record.name = std::string(bytes_.substr(position, name_bytes));
    const absl::string_view extra = bytes_.substr(position + name_bytes, extra_bytes);
    position += name_bytes + extra_bytes + comment_bytes;
    if ((flags & kEncryptedFlag) != 0) return Corrupt(record.name, "is encrypted");
    if (disk != 0 && disk != kElsewhere16) return Corrupt(record.name, "lies in another file");
    record.entry.size = size;
    record.local_offset = local_offset;
    NIWAKI_RETURN_IF_ERROR(ReadZip64Extra(extra, packed_size, record));
    return record;
  }

  // Replaces the sizes and the offset that did not fit 32 bits, in the order of the format.
  absl::Status ReadZip64Extra(absl::string_view extra, uint64_t packed_size, Record& record) const {
    absl::string_view wide;
    while (extra.size() >= 4) {
      Fields fields(extra);
      const uint16_t id = fields.U16();
      const uint16_t bytes = fields.U16();
      extra.remove_prefix(4);
      if (bytes > extra.size()) return Corrupt(record.name, "has an extra field cut short");
      if (id == kZip64Extra) wide = extra.substr(0, bytes);
      extra.remove_prefix(bytes);
    }
    for (uint64_t* number : {&record.entry.size, &packed_size, &record.local_offset}) {
      if (*number != kElsewhere32 || wide.empty()) continue;
      if (wide.size() < 8) return Corrupt(record.name, "has a zip64 field cut short");
      *number = Fields(wide).U64();
      wide.remove_prefix(8);
    }
    if (record.method != 0) {
      return Corrupt(record.name, absl::StrCat("is compressed (method ", record.method,
                                               "); only stored entries are read"));
    }
    if (packed_size != record.entry.size) {
      return Corrupt(record.name, absl::StrCat("has ", packed_size, " bytes stored for ",
                                               record.entry.size, " bytes of content"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckName(const std::string& name) const {
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    if (name.empty()) return Corrupt("", "a zip entry has no name");
    bool bad = name.front() == '/' || absl::StrContains(name, '\\') ||
               std::any_of(name.begin(), name.end(), is_control);
    for (const absl::string_view part : absl::StrSplit(name, '/')) bad = bad || part == "..";
    return bad ? Corrupt(name, "has a name that is not allowed") : absl::OkStatus();
  }

  // Follows the local header to the content, which ends before `limit`.
  absl::Status LocateContent(uint64_t limit, Record& record) const {
    const uint64_t local = record.local_offset;
    if (local > limit || limit - local < kLocalBytes ||
        SignatureAt(bytes_, local) != kLocalSignature) {
      return Corrupt(record.name, absl::StrCat("has no header at byte ", local));
    }
    Fields fields(bytes_.substr(local + 8));
    const uint16_t method = fields.U16();
    fields.Skip(16);
    const uint64_t name_bytes = fields.U16();
    const uint64_t extra_bytes = fields.U16();
    const uint64_t room = limit - local - kLocalBytes;
    if (room < name_bytes + extra_bytes ||
        bytes_.substr(local + kLocalBytes, name_bytes) != record.name || method != record.method) {
      return Corrupt(record.name, absl::StrCat("has another header at byte ", local));
    }
    record.entry.offset = local + kLocalBytes + name_bytes + extra_bytes;
    if (record.entry.size > limit - record.entry.offset) {
      return Corrupt(record.name,
                     absl::StrCat("has ", record.entry.size, " bytes at byte ", record.entry.offset,
                                  ", beyond the directory at ", limit));
    }
    return absl::OkStatus();
  }

  absl::Status CheckDisjoint(std::vector<std::pair<uint64_t, uint64_t>> extents) const {
    std::sort(extents.begin(), extents.end());
    for (size_t i = 1; i < extents.size(); ++i) {
      if (extents[i].first >= extents[i - 1].second) continue;
      return Corrupt("", absl::StrCat("zip entries overlap at byte ", extents[i].first));
    }
    return absl::OkStatus();
  }

  const absl::string_view bytes_;
  const absl::string_view what_;
};

}  // namespace

absl::StatusOr<ZipReader> ZipReader::Parse(absl::string_view bytes, absl::string_view what) {
  ZipReader reader(bytes, what);
  NIWAKI_ASSIGN_OR_RETURN(reader.entries_, Parser(bytes, what).Run());
  return reader;
}

absl::StatusOr<absl::string_view> ZipReader::Read(const std::string& name) const {
  const auto it = entries_.find(name);
  std::string problem;
  if (it == entries_.end()) {
    problem = "is missing";
  } else {
    const absl::string_view content = bytes_.substr(it->second.offset, it->second.size);
    const uint32_t crc = Crc32(content);
    if (crc == it->second.crc32) return content;
    problem = absl::StrCat("is damaged: its CRC-32 is ", absl::Hex(crc), ", the directory says ",
                           absl::Hex(it->second.crc32));
  }
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(name)
      .Message(absl::StrCat(what_, ": zip entry ", name, " ", problem));
}

bool LooksLikeZip(absl::string_view bytes) {
  return bytes.size() >= 4 && SignatureAt(bytes, 0) == kLocalSignature;
}

}  // namespace niwaki::tensorfile
