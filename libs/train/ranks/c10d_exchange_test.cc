#include "libs/train/ranks/c10d_exchange.h"

#include <ATen/ATen.h>

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/train/ranks/gradient_exchange.h"
#include "libs/train/ranks/rank_threads.h"

namespace niwaki::train {
namespace {

// What rank `rank` brings: numbers whose float32 sum depends on the order.
at::Tensor ValuesOf(int rank, int64_t count) {
  return at::arange(count, at::kFloat).add_(1).div_(3).mul_(rank == 1 ? 1e7f : 0.1f + rank);
}

// The length is no multiple of the number of ranks.
TEST(C10dExchangeTest, SumsAreInPairwiseOrderOnEveryRank) {
  for (const int world : {2, 3}) {
    for (const int64_t count : {1, 7}) {
      std::vector<at::Tensor> parts;
      for (int rank = 0; rank < world; ++rank) parts.push_back(ValuesOf(rank, count));
      PairwiseOrder(world, [&](int into, int from) { parts[into].add_(parts[from]); });

      RunRanks(world, [&](GradientExchange& exchange) {
        EXPECT_EQ(exchange.world_size(), world);
        at::Tensor values = ValuesOf(exchange.rank(), count);
        NIWAKI_EXPECT_OK(exchange.Sum(values));
        EXPECT_TRUE(at::equal(values, parts[0])) << "rank " << exchange.rank();
      });
    }
  }
}

TEST(C10dExchangeTest, DoublesAreSummedAsDoubles) {
  RunRanks(2, [](GradientExchange& exchange) {
    at::Tensor values = at::full({2}, exchange.rank() == 0 ? 1.0 : 1e-12, at::kDouble);
    NIWAKI_EXPECT_OK(exchange.Sum(values));
    EXPECT_EQ(values[1].item<double>(), 1.0 + 1e-12);
  });
}

TEST(C10dExchangeTest, BroadcastIsOfRankZero) {
  RunRanks(3, [](GradientExchange& exchange) {
    at::Tensor values = at::full({5}, 10 + exchange.rank(), at::kLong);
    NIWAKI_EXPECT_OK(exchange.Broadcast(values));
    EXPECT_TRUE(at::equal(values, at::full({5}, 10, at::kLong)));
  });
}

TEST(C10dExchangeTest, ARankThatLeavesIsNoticed) {
  RunRanks(2, [](GradientExchange& exchange) {
    if (exchange.rank() == 1) return;
    at::Tensor values = at::ones({4});
    EXPECT_THAT(exchange.Sum(values),
                HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
  });
}

TEST(C10dExchangeTest, OneProcessNeedsNobody) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto exchange, JoinExchange({}));

  EXPECT_EQ(exchange->world_size(), 1);
}

TEST(C10dExchangeTest, OthersThatDoNotComeAreUnavailable) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto meeting, MeetingPoint::Listen());
  ExchangeOptions options;
  options.environment.world_size = 2;
  options.environment.master_port = meeting->port();
  options.environment.launcher_listens = true;
  options.timeout = absl::Milliseconds(300);

  EXPECT_THAT(JoinExchange(options),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
}

TEST(C10dExchangeTest, UnknownDevicesHaveNoBackend) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto meeting, MeetingPoint::Listen());
  ExchangeOptions options;
  options.environment.world_size = 2;
  options.environment.master_port = meeting->port();
  options.environment.launcher_listens = true;
  options.device = "abacus";

  EXPECT_THAT(JoinExchange(options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kToolMissing));
}

}  // namespace
}  // namespace niwaki::train
