#include "libs/rpc/retry.h"

#include <vector>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::rpc {
namespace {

// Sleeps by moving itself.
class JumpingClock : public Clock {
 public:
  absl::Time Now() override { return now_; }
  bool AwaitWithDeadline(absl::Mutex&, const absl::Condition&, absl::Time deadline) override {
    waits.push_back(deadline - now_);
    now_ = deadline;
    return false;
  }

  std::vector<absl::Duration> waits;

 private:
  absl::Time now_ = absl::UnixEpoch();
};

RetryPolicy ExactPolicy() {
  RetryPolicy policy;
  policy.backoff.jitter = 0;
  return policy;
}

TEST(RetryTest, UnavailableIsTriedAgainWithGrowingWaits) {
  JumpingClock clock;
  int calls = 0;

  const absl::Status status = RetryLoop(ExactPolicy(), clock, [&calls] {
    return ++calls < 4 ? absl::UnavailableError("down") : absl::OkStatus();
  });

  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(clock.waits,
            (std::vector<absl::Duration>{absl::Milliseconds(100), absl::Milliseconds(200),
                                         absl::Milliseconds(400)}));
}

TEST(RetryTest, OtherErrorsEndTheLoop) {
  for (const absl::Status& error :
       {absl::InvalidArgumentError("x"), absl::AbortedError("x"), absl::InternalError("x"),
        absl::DeadlineExceededError("x"), absl::ResourceExhaustedError("x")}) {
    JumpingClock clock;
    int calls = 0;

    EXPECT_EQ(RetryLoop(ExactPolicy(), clock,
                        [&] {
                          ++calls;
                          return error;
                        }),
              error);
    EXPECT_EQ(calls, 1);
  }
}

TEST(RetryTest, IdempotentCallsSurviveDeadlineExceeded) {
  JumpingClock clock;
  RetryPolicy policy = ExactPolicy();
  policy.idempotent = true;
  int calls = 0;

  EXPECT_THAT(RetryLoop(policy, clock,
                        [&calls] {
                          return ++calls < 2 ? absl::DeadlineExceededError("late")
                                             : absl::OkStatus();
                        }),
              IsOk());
}

TEST(RetryTest, AttemptsAreLimited) {
  JumpingClock clock;
  RetryPolicy policy = ExactPolicy();
  policy.max_attempts = 3;
  int calls = 0;

  EXPECT_THAT(RetryLoop(policy, clock,
                        [&calls] {
                          ++calls;
                          return absl::UnavailableError("down");
                        }),
              StatusIs(absl::StatusCode::kUnavailable, "down"));
  EXPECT_EQ(calls, 3);
}

TEST(RetryTest, DeadlineEndsTheLoop) {
  JumpingClock clock;
  RetryPolicy policy = ExactPolicy();
  policy.max_attempts = 1000;
  policy.deadline = absl::Seconds(1);
  const absl::Time start = clock.Now();

  EXPECT_THAT(RetryLoop(policy, clock, [] { return absl::UnavailableError("down"); }),
              StatusIs(absl::StatusCode::kUnavailable, "down"));
  EXPECT_LE(clock.Now() - start, absl::Seconds(1));
  EXPECT_EQ(clock.waits.size(), 3);
}

TEST(BackoffTest, JitterStaysWithinItsShareAndTheLimit) {
  BackoffOptions options;
  options.max = absl::Seconds(1);
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Backoff backoff(options, seed);
    double expected_s = 0.1;
    for (int i = 0; i < 6; ++i) {
      const double wait_s = absl::ToDoubleSeconds(backoff.Next());
      EXPECT_GE(wait_s, expected_s * 0.799);
      EXPECT_LE(wait_s, std::min(expected_s * 1.201, 1.0));
      expected_s = std::min(expected_s * 2, 1.0);
    }
    backoff.Reset();
    EXPECT_LE(backoff.Next(), absl::Milliseconds(121));
  }
}

}  // namespace
}  // namespace niwaki::rpc
