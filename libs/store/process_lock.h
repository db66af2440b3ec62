// ProcessLock: at most one process owns a file.

#ifndef NIWAKI_LIBS_STORE_PROCESS_LOCK_H_
#define NIWAKI_LIBS_STORE_PROCESS_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace niwaki::store {

// An advisory lock (flock) on `path` + ".lock", held until destruction; the kernel drops it when
// the process dies, so a killed owner leaves nothing behind but the empty file.
class ProcessLock {
 public:
  // FailedPrecondition with reason DATABASE_LOCKED while another ProcessLock (of any process) holds
  // it; the error of the system when the lock file cannot be made.
  static absl::StatusOr<std::unique_ptr<ProcessLock>> Acquire(const std::string& path);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  explicit ProcessLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_PROCESS_LOCK_H_
