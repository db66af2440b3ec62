#include "services/worker/artifact_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::worker {
namespace {

constexpr mode_t kFileMode = 0644;

// Holds a file's lock, whichever process wants it.
class FileLock {
 public:
  // Blocks until the lock is free.
  static absl::StatusOr<FileLock> Acquire(const std::string& path) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (fd < 0) return ErrnoToStatus(errno, path);
    FileLock lock(fd);
    while (flock(fd, LOCK_EX) != 0) {
      if (errno != EINTR) return ErrnoToStatus(errno, path);
    }
    return lock;
  }
  ~FileLock() {
    if (fd_ >= 0) close(fd_);
  }
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

// A full disk in words that say what to do.
absl::Status Explain(const absl::Status& status, const std::string& folder) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  if (detail.reason != reason::kDiskFull) return status;
  return Error(status.code(), reason::kDiskFull)
      .Field(detail.field)
      .Value(detail.value)
      .Message(absl::StrCat("the disk of the worker's cache ", folder,
                            " is full; free some space there or give another --cache-dir, and "
                            "start the worker again"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactCache>> ArtifactCache::Open(const std::string& folder,
                                                                   client::ArtifactClient* client) {
  const std::string files = absl::StrCat(folder, "/sha256");
  NIWAKI_RETURN_IF_ERROR(MakeFolders(files));
  if (access(files.c_str(), W_OK) != 0) return ErrnoToStatus(errno, files);
  return std::unique_ptr<ArtifactCache>(new ArtifactCache(files, client));
}

absl::StatusOr<std::string> ArtifactCache::Fetch(const std::string& digest) {
  if (!IsSha256Hex(digest)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("digest")
        .Value(digest)
        .Limit("64 hexadecimal characters")
        .Message(absl::StrCat("digest '", digest, "' is not a SHA-256 in hexadecimal"));
  }
  const std::string path = absl::StrCat(folder_, "/", digest);
  if (verified_.count(digest) > 0 && FileExists(path)) return path;
  NIWAKI_ASSIGN_OR_RETURN(const FileLock lock, FileLock::Acquire(absl::StrCat(path, ".lock")));
  if (FileExists(path)) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string found, Sha256HexOfFile(path));
    if (found == digest) {
      verified_.insert(digest);
      return path;
    }
    Log(Severity::kWarning, "cached_artifact_damaged", {{"path", path}, {"found", found}});
    if (unlink(path.c_str()) != 0) return ErrnoToStatus(errno, path);
  }
  NIWAKI_RETURN_IF_ERROR(Explain(client_->Download(digest, path), folder_));
  Log(Severity::kInfo, "artifact_fetched", {{"digest", digest}});
  verified_.insert(digest);
  return path;
}

}  // namespace niwaki::worker
