// The ranks of a training as threads of one process, for tests.

#ifndef NIWAKI_LIBS_TRAIN_RANKS_RANK_THREADS_H_
#define NIWAKI_LIBS_TRAIN_RANKS_RANK_THREADS_H_

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/train/ranks/c10d_exchange.h"
#include "libs/train/ranks/gradient_exchange.h"

namespace niwaki::train {

// Calls `body` once for each of `world` ranks, each in a thread and with an exchange of its own
// over Gloo on loopback, and returns when all have. Fails the running test when they do not meet.
inline void RunRanks(int world, const std::function<void(GradientExchange& exchange)>& body) {
  const auto meeting = MeetingPoint::Listen();
  NIWAKI_ASSERT_OK(meeting.status());
  ExchangeOptions options;
  options.environment.world_size = world;
  options.environment.master_port = (*meeting)->port();
  options.environment.launcher_listens = true;
  options.timeout = absl::Minutes(1);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < world; ++rank) {
    threads.emplace_back([&body, rank, own = options]() mutable {
      own.environment.rank = rank;
      const auto exchange = JoinExchange(own);
      NIWAKI_ASSERT_OK(exchange.status());
      body(**exchange);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_RANKS_RANK_THREADS_H_
