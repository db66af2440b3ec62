// Zip archives whose entries are stored, not compressed, as PyTorch writes them: a directory over
// bytes in memory, with every length and offset checked before it is used.
//
// Read from the end (PKWARE's APPNOTE 6.3): end record, zip64 end record where there is one, then
// the central directory, which alone is believed; a local header must repeat name and method. The
// directory ends where the end record begins, so nothing precedes or follows the archive.

#ifndef NIWAKI_LIBS_TENSORFILE_ZIP_READER_H_
#define NIWAKI_LIBS_TENSORFILE_ZIP_READER_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::tensorfile {

struct ZipEntry {
  // Where the content begins in the archive, and its length.
  uint64_t offset = 0;
  uint64_t size = 0;
  uint32_t crc32 = 0;
};

// Immutable; thread-safe. Borrows the archive's bytes.
class ZipReader {
 public:
  // `bytes` outlives the reader; `what` names the file in messages. DataLoss with reason
  // DATA_CORRUPT for anything that is not this layout: cut short, several disks, more than 200,000
  // entries, an entry that is compressed, encrypted, beyond the file or overlapping another, a
  // name that is empty, repeated, absolute or holds "..", a backslash or a control character.
  static absl::StatusOr<ZipReader> Parse(absl::string_view bytes, absl::string_view what);

  const std::map<std::string, ZipEntry>& entries() const { return entries_; }

  // The content of entry `name`, in the archive's bytes. DataLoss when there is no such entry or
  // its checksum differs.
  absl::StatusOr<absl::string_view> Read(const std::string& name) const;

 private:
  ZipReader(absl::string_view bytes, absl::string_view what) : bytes_(bytes), what_(what) {}

  absl::string_view bytes_;
  std::string what_;
  std::map<std::string, ZipEntry> entries_;
};

// Whether `bytes` begin as a zip archive does.
bool LooksLikeZip(absl::string_view bytes);

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_ZIP_READER_H_
