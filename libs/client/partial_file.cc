#include "libs/client/partial_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"

namespace niwaki::client {
namespace {

constexpr mode_t kFileMode = 0644;

absl::Status SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoToStatus(errno, folder);
  const int result = fsync(fd);
  const int saved_errno = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : ErrnoToStatus(saved_errno, folder);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PartialFile>> PartialFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode);
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
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count =
        pwrite(fd_, bytes.data() + written, bytes.size() - written, size_ + written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int saved_errno = errno;
      // A half-written piece must not count when the file is opened again.
      if (ftruncate(fd_, size_) != 0) unlink(path_.c_str());
      return ErrnoToStatus(saved_errno, path_);
    }
    written += count;
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
  if (rename(path_.c_str(), final_path.c_str()) != 0) return ErrnoToStatus(errno, final_path);
  return SyncFolderOf(final_path);
}

}  // namespace niwaki::client
