// The leases that this process works on, of all its boards.

#ifndef NIWAKI_SERVICES_BOARDS_HELD_MEASUREMENTS_H_
#define NIWAKI_SERVICES_BOARDS_HELD_MEASUREMENTS_H_

#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace niwaki::boards {

// Thread-safe.
class HeldMeasurements {
 public:
  void Add(const std::string& lease_id) {
    absl::MutexLock lock(&mutex_);
    held_.insert(lease_id);
  }
  void Remove(const std::string& lease_id) {
    absl::MutexLock lock(&mutex_);
    held_.erase(lease_id);
  }
  std::set<std::string> Snapshot() const {
    absl::MutexLock lock(&mutex_);
    return held_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki::boards

#endif  // NIWAKI_SERVICES_BOARDS_HELD_MEASUREMENTS_H_
