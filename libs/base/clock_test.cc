#include "libs/base/clock.h"

#include <atomic>
#include <thread>

#include "gtest/gtest.h"

namespace niwaki {
namespace {

TEST(FakeClockTest, StandsStillUntilAdvanced) {
  FakeClock clock(absl::FromUnixSeconds(100));

  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
}

TEST(FakeClockTest, AdvanceWakesSleeper) {
  FakeClock clock;
  std::atomic<bool> awake{false};
  std::thread sleeper([&] {
    clock.Sleep(absl::Hours(1));
    awake = true;
  });

  // The sleeper may look at the clock at any time, so the clock goes on until it wakes.
  while (!awake) clock.Advance(absl::Minutes(10));

  sleeper.join();
}

TEST(FakeClockTest, AwaitReturnsTrueWhenConditionHolds) {
  FakeClock clock;
  absl::Mutex mutex;
  bool ready = true;
  absl::MutexLock lock(&mutex);

  EXPECT_TRUE(clock.AwaitWithDeadline(mutex, absl::Condition(&ready), absl::InfiniteFuture()));
}

TEST(RealClockTest, AwaitGivesUpAtDeadline) {
  absl::Mutex mutex;
  bool never = false;
  absl::MutexLock lock(&mutex);

  EXPECT_FALSE(Clock::Real().AwaitWithDeadline(mutex, absl::Condition(&never),
                                               Clock::Real().Now() + absl::Milliseconds(1)));
}

}  // namespace
}  // namespace niwaki
