// A file that arrives in pieces, perhaps over several runs of the program.

#ifndef NIWAKI_LIBS_CLIENT_PARTIAL_FILE_H_
#define NIWAKI_LIBS_CLIENT_PARTIAL_FILE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki::client {

// Not thread-safe; one for a path at a time.
class PartialFile {
 public:
  // Opens `path` for appending, makes it where it is missing. The error of the system call.
  static absl::StatusOr<std::unique_ptr<PartialFile>> Open(const std::string& path);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  int64_t size() const { return size_; }

  // ResourceExhausted with reason DISK_FULL; whole or not at all as far as `size` tells.
  absl::Status Append(absl::string_view bytes);

  // Throws the content away.
  absl::Status Clear();

  // Makes the content durable and moves it to `final_path` in the same folder; the object is of no
  // further use.
  absl::Status Finish(const std::string& final_path);

 private:
  PartialFile(std::string path, int fd, int64_t size)
      : path_(std::move(path)), fd_(fd), size_(size) {}

  const std::string path_;
  const int fd_;
  int64_t size_;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_PARTIAL_FILE_H_
