// What absl::Mutex orders is no race, in every build; what it does not order is found, under
// --config=tsan.

#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace niwaki {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 1000;

template <typename Work>
void InThreads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
}

TEST(TsanAbslMutexTest, LockOrdersWriters) {
  absl::Mutex mutex;
  int count = 0;

  InThreads(kThreads, [&] {
    for (int i = 0; i < kRounds; ++i) {
      if (i % 4 == 0 && mutex.TryLock()) {
        ++count;
        mutex.Unlock();
        continue;
      }
      absl::MutexLock lock(&mutex);
      ++count;
    }
  });

  EXPECT_EQ(count, kThreads * kRounds);
}

TEST(TsanAbslMutexTest, ReadersSeeWriters) {
  absl::Mutex mutex;
  int first = 0;
  int second = 0;

  InThreads(kThreads, [&] {
    for (int i = 0; i < kRounds; ++i) {
      {
        absl::ReaderMutexLock lock(&mutex);
        ASSERT_EQ(first, second);
      }
      absl::MutexLock lock(&mutex);
      ++first;
      ++second;
    }
  });
}

TEST(TsanAbslMutexTest, AwaitOrdersBothSides) {
  absl::Mutex mutex;
  int turn = 0;

  const auto play = [&](int mine) {
    const auto is_mine = [&] { return turn % 2 == mine; };
    for (int i = 0; i < kRounds; ++i) {
      absl::MutexLock lock(&mutex);
      if (i % 2 == 0) {
        mutex.Await(absl::Condition(&is_mine));
      } else {
        ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&is_mine), absl::Minutes(1)));
      }
      ++turn;
    }
  };
  std::thread other([&] { play(1); });
  play(0);
  other.join();

  EXPECT_EQ(turn, 2 * kRounds);
}

TEST(TsanAbslMutexTest, LockWhenOrdersBothSides) {
  absl::Mutex mutex;
  bool full = false;
  int value = 0;

  std::thread producer([&] {
    for (int i = 1; i <= kRounds; ++i) {
      const auto empty = [&] { return !full; };
      mutex.LockWhen(absl::Condition(&empty));
      value = i;
      full = true;
      mutex.Unlock();
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    EXPECT_TRUE(mutex.LockWhenWithTimeout(absl::Condition(&full), absl::Minutes(1)));
    EXPECT_EQ(value, i);
    full = false;
    mutex.Unlock();
  }
  producer.join();
}

TEST(TsanAbslMutexTest, ConditionVariablesOrderBothSides) {
  absl::Mutex mutex;
  absl::CondVar changed;
  int turn = 0;

  const auto play = [&](int mine) {
    for (int i = 0; i < kRounds; ++i) {
      absl::MutexLock lock(&mutex);
      while (turn % 2 != mine) changed.Wait(&mutex);
      ++turn;
      changed.SignalAll();
    }
  };
  std::thread other([&] { play(1); });
  play(0);
  other.join();

  EXPECT_EQ(turn, 2 * kRounds);
}

TEST(TsanAbslMutexTest, NotificationsAndCountersPublish) {
  int value = 0;
  absl::Notification ready;
  std::thread setter([&] {
    value = 7;
    ready.Notify();
  });
  ready.WaitForNotification();
  EXPECT_EQ(value, 7);
  setter.join();

  std::vector<int> squares(kThreads);
  absl::BlockingCounter left(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      squares[i] = i * i;
      left.DecrementCount();
    });
  }
  left.Wait();
  EXPECT_EQ(squares.back(), (kThreads - 1) * (kThreads - 1));
  for (std::thread& thread : threads) thread.join();
}

#ifdef ABSL_HAVE_THREAD_SANITIZER

// ThreadSanitizer's exit code after a report.
constexpr int kReported = 66;

// One thread forgets the mutex.
void RaceBesideTheMutex() {
  absl::Mutex mutex;
  int count = 0;
  std::thread careful([&] {
    for (int i = 0; i < kRounds; ++i) {
      absl::MutexLock lock(&mutex);
      ++count;
    }
  });
  for (int i = 0; i < kRounds; ++i) ++count;
  careful.join();
  std::exit(0);
}

// Two writers under a lock for readers.
void RaceBetweenReaders() {
  absl::Mutex mutex;
  int count = 0;
  InThreads(2, [&] {
    for (int i = 0; i < kRounds; ++i) {
      absl::ReaderMutexLock lock(&mutex);
      ++count;
    }
  });
  std::exit(0);
}

TEST(TsanAbslMutexDeathTest, PlantedRacesAreFound) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";

  EXPECT_EXIT(RaceBesideTheMutex(), ::testing::ExitedWithCode(kReported), "data race");
  EXPECT_EXIT(RaceBetweenReaders(), ::testing::ExitedWithCode(kReported), "data race");
}

#endif

}  // namespace
}  // namespace niwaki
