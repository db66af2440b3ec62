// A folder for the time being, for programs that want files with names.

#ifndef NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FOLDER_H_
#define NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FOLDER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace niwaki {

// An empty folder of this process's own, below $TMPDIR or /tmp; it is removed with all that is in
// it when the object goes. A process that is killed leaves it. Thread-safe.
class TemporaryFolder {
 public:
  // The errors of the system, which name the folder above.
  static absl::StatusOr<std::unique_ptr<TemporaryFolder>> Create();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_PROCESS_TEMPORARY_FOLDER_H_
