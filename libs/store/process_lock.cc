#include "libs/store/process_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::store {

absl::StatusOr<std::unique_ptr<ProcessLock>> ProcessLock::Acquire(const std::string& path) {
  const std::string lock_path = path + ".lock";
  const int fd = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, lock_path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int saved_errno = errno;
    close(fd);
    if (saved_errno != EWOULDBLOCK) return ErrnoToStatus(saved_errno, lock_path);
    return Error(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked)
        .Field("file")
        .Value(path)
        .Message(absl::StrCat(path, " is in use by another process"));
  }
  return absl::WrapUnique(new ProcessLock(fd));
}

ProcessLock::~ProcessLock() { close(fd_); }

}  // namespace niwaki::store
