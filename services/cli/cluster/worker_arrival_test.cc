#include "services/cli/cluster/worker_arrival.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"

namespace niwaki::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WorkerArrivalTest : public ::testing::Test {
 protected:
  WorkerArrivalTest() {
    cluster_.workers = {{"w0", "", 1, ""}, {"w1", "", 2, ""}};
    options_.clock = &clock_;
    options_.cluster = [this]() -> absl::StatusOr<Cluster> { return cluster_; };
    options_.list = [this]() -> absl::StatusOr<std::vector<v1::Worker>> {
      ++looks_;
      if (looks_ >= w1_arrives_at_) Call("workers/w1");
      clock_.Advance(absl::Milliseconds(100));
      return workers_;
    };
  }

  void Call(const std::string& name) {
    v1::Worker worker;
    worker.set_name(name);
    worker.mutable_last_seen_time()->set_seconds(1);
    workers_.push_back(worker);
  }

  FakeClock clock_;
  Cluster cluster_;
  std::vector<v1::Worker> workers_;
  int looks_ = 0;
  int w1_arrives_at_ = 1000000;
  ArrivalOptions options_;
};

TEST_F(WorkerArrivalTest, LastWorkerEndsTheWait) {
  Call("workers/w0");
  w1_arrives_at_ = 1;

  const Arrival arrival = AwaitWorkers(options_);

  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(arrival.arrived, 2);
  EXPECT_EQ(ArrivalText(arrival), "2 workers are ready\n");
}

TEST_F(WorkerArrivalTest, OneThatEndedIsNotWaitedForAndSaysWhy) {
  Call("workers/w0");
  cluster_.workers[1].trouble = "ended with signal 9 (see w1.log)";

  const Arrival arrival = AwaitWorkers(options_);

  EXPECT_EQ(looks_, 1);
  EXPECT_THAT(arrival.troubles, ElementsAre("w1 ended with signal 9 (see w1.log)"));
  EXPECT_EQ(ArrivalText(arrival),
            "1 of 2 workers is ready; those that are missing are awaited: niwaki workers list\n"
            "w1 ended with signal 9 (see w1.log)\n");
}

TEST_F(WorkerArrivalTest, WaitIsBounded) {
  options_.timeout = absl::Milliseconds(50);
  // Drained before a restart: known, but it has not called.
  workers_.emplace_back().set_name("workers/w0");

  const Arrival arrival = AwaitWorkers(options_);

  EXPECT_EQ(looks_, 1);
  EXPECT_EQ(arrival.arrived, 0);
  EXPECT_THAT(arrival.troubles, IsEmpty());
}

TEST_F(WorkerArrivalTest, InterruptionEndsTheWait) {
  options_.interrupted = [] { return true; };

  EXPECT_EQ(AwaitWorkers(options_).arrived, 0);
  EXPECT_EQ(looks_, 1);
}

TEST_F(WorkerArrivalTest, ClusterWithoutWorkersAwaitsNobody) {
  cluster_.workers.clear();

  EXPECT_EQ(ArrivalText(AwaitWorkers(options_)), "no workers, as asked\n");
}

}  // namespace
}  // namespace niwaki::cli
