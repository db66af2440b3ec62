#include "libs/board/port/deadline.h"

#include "gtest/gtest.h"

namespace niwaki::board {
namespace {

TEST(DeadlineTest, WhatHasPassedHasNothingLeft) {
  const Deadline past = Deadline::After(-absl::Seconds(1));
  EXPECT_TRUE(past.passed());
  EXPECT_EQ(past.remaining(), absl::ZeroDuration());
  EXPECT_EQ(past.remaining_ms(), 0);
}

TEST(DeadlineTest, RestIsRoundedUp) {
  const Deadline soon = Deadline::After(absl::Seconds(10));
  EXPECT_FALSE(soon.passed());
  EXPECT_GT(soon.remaining_ms(), 5000);
  EXPECT_LE(soon.remaining_ms(), 10000);
  EXPECT_EQ(Deadline::After(absl::InfiniteDuration()).remaining_ms(), 3600000);
}

TEST(DeadlineTest, EarlierIsTheSmaller) {
  const Deadline soon = Deadline::After(absl::Seconds(10));
  const Deadline late = Deadline::After(absl::Hours(10));
  EXPECT_LE(Earlier(soon, late).remaining(), absl::Seconds(10));
  EXPECT_LE(Earlier(late, soon).remaining(), absl::Seconds(10));
}

}  // namespace
}  // namespace niwaki::board
