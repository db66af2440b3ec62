// A file for the time being.

#ifndef NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FILE_H_
#define NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FILE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace niwaki {

// An empty file of this process's own, below $TMPDIR or /tmp, that has no name there: it is gone
// when the object or the process is, whatever ends it. Thread-safe.
class TemporaryFile {
 public:
  // The errors of the system, which name the folder.
  static absl::StatusOr<std::unique_ptr<TemporaryFile>> Create();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // To open it by, as often as wanted, in this process only.
  const std::string& path() const { return path_; }

  // `status` in people's words: path() says nothing to them.
  absl::Status Explain(const absl::Status& status) const;

 private:
  TemporaryFile(int fd, std::string folder, std::string path)
      : fd_(fd), folder_(std::move(folder)), path_(std::move(path)) {}

  const int fd_;
  const std::string folder_;
  const std::string path_;
};

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FILE_H_
