#include "libs/client/partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "libs/base/error.h"
#include "libs/base/file_writer.h"

namespace niwaki::client {
namespace {

constexpr mode_t kFileMode = 0644;

}  // namespace

absl::StatusOr<std::unique_ptr<PartialFile>> PartialFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (fd < 0) return ErrnoToStatus(errno, path);
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int saved_errno = errno;
    close(fd);
    return ErrnoToStatus(saved_errno, path);
  }
  return std::unique_ptr<PartialFile>(new PartialFile(path, fd, info.st_size));
}

PartialFile::~PartialFile() { close(fd_); }

absl::Status PartialFile::Append(absl::string_view bytes) {
  const absl::Status status = WriteFully(fd_, bytes, path_);
  if (!status.ok()) {
    // A half-written piece must not count when the file is opened again.
    if (ftruncate(fd_, size_) != 0) unlink(path_.c_str());
    return status;
  }
  size_ += bytes.size();
  return absl::OkStatus();
}

absl::Status PartialFile::Clear() {
  if (ftruncate(fd_, 0) != 0) return ErrnoToStatus(errno, path_);
  size_ = 0;
  return absl::OkStatus();
}

absl::Status PartialFile::Finish(const std::string& final_path) {
  if (fsync(fd_) != 0) return ErrnoToStatus(errno, path_);
  return RenameDurably(path_, final_path);
}

}  // namespace niwaki::client
