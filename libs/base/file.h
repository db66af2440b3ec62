// Files as values: read whole, write whole and atomically, map read-only.

#ifndef NIWAKI_LIBS_BASE_FILE_H_
#define NIWAKI_LIBS_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// The whole content, of a pipe or a device (/dev/stdin, `<(command)`) up to its end. NotFound;
// InvalidArgument for a folder; ResourceExhausted when there is more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t max_bytes = int64_t{1} << 32);

// Writes `path` so that after a crash it holds either its old or its new content, never a part. As
// FileWriter (libs/base/file_writer.h), whose rules for links, devices and errors hold.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content);

// Makes `path` and its parents; fine when it is there.
absl::Status MakeFolders(const std::string& path);

bool FileExists(const std::string& path);

// Names in a folder, sorted, without `.` and `..`.
absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& path);

// A file mapped read-only for as long as the object lives. Thread-safe.
class MappedFile {
 public:
  // InvalidArgument for a folder, FailedPrecondition for a pipe or a device, which cannot be
  // mapped.
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  absl::string_view bytes() const { return absl::string_view(data_, size_); }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}

  const char* data_;
  size_t size_;
};

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_FILE_H_
