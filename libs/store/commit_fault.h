// CommitFault: makes chosen commits of a Connection fail, for tests of what happens then.

#ifndef NIWAKI_LIBS_STORE_COMMIT_FAULT_H_
#define NIWAKI_LIBS_STORE_COMMIT_FAULT_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace niwaki::store {

// When a commit fails: before it took effect, or after, as when the connection breaks while the
// answer is on its way.
enum class CommitFaultTime { kBefore, kAfter };

// Thread-safe; must outlive the connection.
//
//   CommitFault fault;
//   ConnectionOptions options;
//   options.before_commit = fault.Hook();
//   options.after_commit = fault.AfterHook();
//   fault.FailNth(1, absl::ResourceExhaustedError("disk full"));
class CommitFault {
 public:
  // The `n`-th commit from now (1 is the next) fails with `status`; replaces an earlier wish.
  void FailNth(int64_t n, absl::Status status, CommitFaultTime time = CommitFaultTime::kBefore) {
    absl::MutexLock lock(&mutex_);
    remaining_ = n;
    status_ = std::move(status);
    time_ = time;
  }

  std::function<absl::Status()> Hook() {
    return [this] {
      absl::MutexLock lock(&mutex_);
      ++commits_;
      due_ = remaining_ > 0 && --remaining_ == 0;
      return due_ && time_ == CommitFaultTime::kBefore ? status_ : absl::OkStatus();
    };
  }

  std::function<absl::Status()> AfterHook() {
    return [this] {
      absl::MutexLock lock(&mutex_);
      return due_ && time_ == CommitFaultTime::kAfter ? status_ : absl::OkStatus();
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
  // The commit under way is the one to fail.
  bool due_ ABSL_GUARDED_BY(mutex_) = false;
  CommitFaultTime time_ ABSL_GUARDED_BY(mutex_) = CommitFaultTime::kBefore;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_COMMIT_FAULT_H_
