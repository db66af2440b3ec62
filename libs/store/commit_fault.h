// CommitFault: makes chosen commits of a Connection fail, for tests of what happens then.

#ifndef NIWAKI_LIBS_STORE_COMMIT_FAULT_H_
#define NIWAKI_LIBS_STORE_COMMIT_FAULT_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace niwaki::store {

// Thread-safe; must outlive the connection.
//
//   CommitFault fault;
//   ConnectionOptions options;
//   options.before_commit = fault.Hook();
//   fault.FailNth(1, absl::ResourceExhaustedError("disk full"));
class CommitFault {
 public:
  // The `n`-th commit from now (1 is the next) fails with `status`; replaces an earlier wish.
  void FailNth(int64_t n, absl::Status status) {
    absl::MutexLock lock(&mutex_);
    remaining_ = n;
    status_ = std::move(status);
  }

  std::function<absl::Status()> Hook() {
    return [this] {
      absl::MutexLock lock(&mutex_);
      ++commits_;
      return remaining_ > 0 && --remaining_ == 0 ? status_ : absl::OkStatus();
    };
  }

  // Commits attempted so far, the failed ones included.
  int64_t commits() const {
    absl::MutexLock lock(&mutex_);
    return commits_;
  }

 private:
  mutable absl::Mutex mutex_;
  int64_t remaining_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_COMMIT_FAULT_H_
