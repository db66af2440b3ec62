// Zip archives as PyTorch writes them: the writing side of libs/tensorfile/zip_reader.h.

#ifndef NIWAKI_LIBS_TENSORFILE_ZIP_WRITER_H_
#define NIWAKI_LIBS_TENSORFILE_ZIP_WRITER_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace niwaki::tensorfile {

// Stored entries, each content at a multiple of 64. Without zip64: the caller keeps the archive
// below 4 GiB and at most 65534 entries. Equal calls give equal bytes.
class ZipWriter {
 public:
  void Add(absl::string_view name, absl::string_view content);
  std::string Finish() &&;

 private:
  std::string archive_;
  std::string directory_;
  size_t entries_ = 0;
};

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_ZIP_WRITER_H_
