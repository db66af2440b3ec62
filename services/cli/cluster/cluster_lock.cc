#include "services/cli/cluster/cluster_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::cli {
namespace {

std::string LockPath(const std::string& data_dir) {
  return absl::StrCat(data_dir, "/cluster.lock");
}

// 0 when the file holds none.
int64_t ReadPid(int fd) {
  char text[32];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  int64_t pid = 0;
  if (size <= 0 || !absl::SimpleAtoi(absl::string_view(text, size), &pid)) return 0;
  return pid;
}

absl::Status Held(const std::string& data_dir, int64_t pid) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kAlreadyExists)
      .Field("--data-dir")
      .Value(data_dir)
      .Limit("one cluster")
      .Message(absl::StrCat("a cluster already runs in '", data_dir, "': process ", pid,
                            "; stop it with 'niwaki down' or use another --data-dir"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClusterLock>> ClusterLock::Acquire(const std::string& data_dir) {
  const std::string path = LockPath(data_dir);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return ErrnoToStatus(errno, path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int saved_errno = errno;
    const int64_t pid = ReadPid(fd);
    close(fd);
    return saved_errno == EWOULDBLOCK ? Held(data_dir, pid) : ErrnoToStatus(saved_errno, path);
  }
  std::unique_ptr<ClusterLock> lock(new ClusterLock(fd));
  const std::string pid = absl::StrCat(getpid(), "\n");
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) != ssize_t(pid.size())) {
    return ErrnoToStatus(errno, path);
  }
  return lock;
}

ClusterLock::~ClusterLock() { close(fd_); }

std::optional<int64_t> ClusterLock::Holder(const std::string& data_dir) {
  const int fd = open(LockPath(data_dir).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::optional<int64_t> holder;
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) holder = ReadPid(fd);
  close(fd);
  return holder;
}

}  // namespace niwaki::cli
