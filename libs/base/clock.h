// Time as a parameter: everything that waits or stamps takes a Clock, and tests move a FakeClock by
// hand.

#ifndef NIWAKI_LIBS_BASE_CLOCK_H_
#define NIWAKI_LIBS_BASE_CLOCK_H_

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace niwaki {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual absl::Time Now() = 0;

  // Releases `mutex` (held by the caller) until `condition` holds or `deadline` passes; holds it
  // again on return. Returns whether the condition holds.
  virtual bool AwaitWithDeadline(absl::Mutex& mutex, const absl::Condition& condition,
                                 absl::Time deadline) = 0;

  // Blocks until `duration` has passed.
  void Sleep(absl::Duration duration);

  // The machine's clock; never destroyed.
  static Clock& Real();
};

// Stands still until moved. `Advance` wakes everyone whose deadline has passed.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time now = absl::UnixEpoch()) : now_(now) {}

  absl::Time Now() override;
  bool AwaitWithDeadline(absl::Mutex& mutex, const absl::Condition& condition,
                         absl::Time deadline) override;

  void Advance(absl::Duration duration);

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_CLOCK_H_
