#include "libs/base/clock.h"

#include "absl/time/clock.h"

namespace niwaki {
namespace {

// How often a waiter on a FakeClock looks whether the clock was moved past its deadline, in real
// time.
constexpr absl::Duration kFakeClockPoll = absl::Milliseconds(1);

class RealClock : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }

  bool AwaitWithDeadline(absl::Mutex& mutex, const absl::Condition& condition,
                         absl::Time deadline) override ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return mutex.AwaitWithDeadline(condition, deadline);
  }
};

}  // namespace

Clock& Clock::Real() {
  static Clock* const clock = new RealClock;
  return *clock;
}

void Clock::Sleep(absl::Duration duration) {
  const absl::Time deadline = Now() + duration;
  absl::Mutex mutex;
  absl::MutexLock lock(&mutex);
  bool never = false;
  AwaitWithDeadline(mutex, absl::Condition(&never), deadline);
}

absl::Time FakeClock::Now() {
  absl::MutexLock lock(&mutex_);
  return now_;
}

bool FakeClock::AwaitWithDeadline(absl::Mutex& mutex, const absl::Condition& condition,
                                  absl::Time deadline) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  while (true) {
    if (mutex.AwaitWithTimeout(condition, kFakeClockPoll)) return true;
    if (Now() >= deadline) return false;
  }
}

void FakeClock::Advance(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  now_ += duration;
}

}  // namespace niwaki
