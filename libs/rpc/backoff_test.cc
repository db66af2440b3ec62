#include "libs/rpc/backoff.h"

#include <algorithm>
#include <cstdint>

#include "gtest/gtest.h"

namespace niwaki::rpc {
namespace {

constexpr uint64_t kSeed = 3;

BackoffOptions WithoutJitter() {
  BackoffOptions options;
  options.initial = absl::Milliseconds(100);
  options.max = absl::Milliseconds(500);
  options.jitter = 0;
  return options;
}

TEST(BackoffTest, WaitsDoubleUpToTheMost) {
  Backoff backoff(WithoutJitter(), kSeed);

  for (const int milliseconds : {100, 200, 400, 500, 500}) {
    EXPECT_EQ(backoff.Next(), absl::Milliseconds(milliseconds));
  }
}

TEST(BackoffTest, ResetBeginsAgain) {
  Backoff backoff(WithoutJitter(), kSeed);
  backoff.Next();
  backoff.Next();

  backoff.Reset();

  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, JitterStaysWithinItsShareAndTheMost) {
  BackoffOptions options = WithoutJitter();
  options.jitter = 0.2;
  options.multiplier = 1;
  Backoff backoff(options, kSeed);
  absl::Duration shortest = absl::InfiniteDuration();
  absl::Duration longest = absl::ZeroDuration();

  for (int i = 0; i < 1000; ++i) {
    const absl::Duration wait = backoff.Next();
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }

  EXPECT_GE(shortest, absl::Milliseconds(80));
  EXPECT_LE(longest, absl::Milliseconds(120));
  EXPECT_LT(shortest, absl::Milliseconds(85));
  EXPECT_GT(longest, absl::Milliseconds(115));
}

TEST(BackoffTest, SameSeedWaitsTheSame) {
  Backoff first(BackoffOptions(), kSeed);
  Backoff second(BackoffOptions(), kSeed);

  for (int i = 0; i < 20; ++i) EXPECT_EQ(first.Next(), second.Next());
}

}  // namespace
}  // namespace niwaki::rpc
