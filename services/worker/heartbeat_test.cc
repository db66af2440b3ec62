#include "services/worker/heartbeat.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/worker/duration.h"
#include "services/worker/scripted_stub.h"

namespace niwaki::worker {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kTtl = absl::Seconds(30);
const absl::Duration kBeat = kTtl / 3;
const absl::Duration kRetry = kTtl / 12;
constexpr absl::Duration kMinInterval = absl::Milliseconds(100);

grpc::Status Away() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"); }

class HeartbeatTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HeartbeatOptions options;
    options.worker = "w";
    options.clock = &clock_;
    options.on_drain = [this] { drained_ = true; };
    heartbeat_ = std::make_unique<Heartbeat>(std::move(options), &client_, &leases_);
  }

  absl::Duration SinceStart(absl::Time time) const { return time - start_; }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  const absl::Time start_ = clock_.Now();
  CoordinatorScript script_{clock_};
  client::WorkerClient client_{std::make_unique<ScriptedStub>(script_)};
  HeldLeases leases_;
  std::atomic<bool> drained_{false};
  std::unique_ptr<Heartbeat> heartbeat_;
};

TEST_F(HeartbeatTest, BeatsEveryThirdOfTheTtlWithAllThatIsHeld) {
  leases_.Add("l1-0-1", 1);
  leases_.Add("l1-1-4", 4);
  leases_.Start("l1-1-4");
  for (int n = 1; n <= 3; ++n) {
    clock_.Advance(kBeat);
    const auto beats = script_.beats.Await(n);
    EXPECT_EQ(SinceStart(beats[n - 1].time), n * kBeat);
  }

  const v1::ExtendLeasesRequest request = script_.beats.Await(3)[2].request;
  EXPECT_EQ(request.worker(), "w");
  ASSERT_THAT(request.leases(), SizeIs(2));
  EXPECT_EQ(request.leases(0).lease_id(), "l1-0-1");
  EXPECT_FALSE(request.leases(0).running());
  EXPECT_EQ(request.leases(1).epoch(), 4);
  EXPECT_TRUE(request.leases(1).running());
}

TEST_F(HeartbeatTest, SilentWhileNothingIsHeld) {
  for (int i = 0; i < 5; ++i) clock_.Advance(kBeat);
  leases_.Add("l1-0-1", 1);
  clock_.Advance(kBeat);

  // The first one ever knows the lease.
  EXPECT_THAT(script_.beats.Await(1)[0].request.leases(), SizeIs(1));
}

TEST_F(HeartbeatTest, FailedBeatIsRepeatedSooner) {
  leases_.Add("l1-0-1", 1);
  script_.beats.SetAnswer([](const auto&, auto&) { return Away(); });
  clock_.Advance(kBeat);
  script_.beats.Await(1);

  clock_.Advance(kRetry);
  EXPECT_EQ(SinceStart(script_.beats.Await(2)[1].time), kBeat + kRetry);

  // Two of three beats may be lost, and then some.
  clock_.Advance(kRetry);
  EXPECT_LT(SinceStart(script_.beats.Await(3)[2].time), kTtl);
  EXPECT_FALSE(leases_.empty());
}

TEST_F(HeartbeatTest, HungCoordinatorCostsOneBeatAndNoLease) {
  leases_.Add("l1-0-1", 1);
  absl::Notification timed_out;
  script_.beats.SetAnswer([&](const auto&, auto&) {
    timed_out.WaitForNotification();
    return grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "no answer");
  });
  clock_.Advance(kBeat);
  script_.beats.Await(1);
  // The call hangs for longer than the next beat is due.
  clock_.Advance(kBeat);
  script_.beats.SetAnswer(nullptr);

  timed_out.Notify();

  // Due already: at once.
  EXPECT_EQ(SinceStart(script_.beats.Await(2)[1].time), 2 * kBeat);
  EXPECT_FALSE(leases_.empty());
}

TEST_F(HeartbeatTest, StopWaitsForTheCallInFlightOnly) {
  leases_.Add("l1-0-1", 1);
  absl::Notification answer;
  script_.beats.SetAnswer([&](const auto&, auto&) {
    answer.WaitForNotification();
    return Away();
  });
  clock_.Advance(kBeat);
  script_.beats.Await(1);
  std::thread stopping([this] { heartbeat_->Stop(); });

  answer.Notify();
  stopping.join();

  heartbeat_->Stop();
  EXPECT_EQ(script_.beats.count(), 1u);
}

TEST_F(HeartbeatTest, LostLeasesAreDroppedAndTheOthersKept) {
  for (const char* id : {"l1-0-1", "l1-1-1", "l1-2-1"}) leases_.Add(id, 1);
  script_.beats.SetAnswer([](const auto&, v1::ExtendLeasesResponse& response) {
    response.add_revoked_lease_ids("l1-1-1");
    response.add_revoked_lease_ids("never held");
    return grpc::Status::OK;
  });
  clock_.Advance(kBeat);
  script_.beats.Await(1);
  clock_.Advance(kBeat);
  const auto beats = script_.beats.Await(2);

  ASSERT_THAT(beats[1].request.leases(), SizeIs(2));
  EXPECT_EQ(beats[1].request.leases(1).lease_id(), "l1-2-1");
  EXPECT_FALSE(leases_.Start("l1-1-1"));
  EXPECT_TRUE(leases_.Start("l1-2-1"));
}

TEST_F(HeartbeatTest, DrainIsPassedOnAndBeatsGoOn) {
  leases_.Add("l1-0-1", 1);
  script_.beats.SetAnswer([](const auto&, v1::ExtendLeasesResponse& response) {
    response.set_drain(true);
    return grpc::Status::OK;
  });
  clock_.Advance(kBeat);
  script_.beats.Await(1);
  clock_.Advance(kBeat);
  script_.beats.Await(2);

  EXPECT_TRUE(drained_);
}

TEST_F(HeartbeatTest, StartOfACandidateIsToldAtOnceButNotMoreOftenThanTheShortestInterval) {
  leases_.Add("l1-0-1", 1);
  leases_.Start("l1-0-1");
  heartbeat_->BeatSoon();
  clock_.Advance(kMinInterval);
  const auto first = script_.beats.Await(1);
  EXPECT_EQ(SinceStart(first[0].time), kMinInterval);
  EXPECT_TRUE(first[0].request.leases(0).running());

  for (int i = 0; i < 10; ++i) heartbeat_->BeatSoon();
  clock_.Advance(kMinInterval);

  EXPECT_EQ(SinceStart(script_.beats.Await(2)[1].time), 2 * kMinInterval);
}

TEST_F(HeartbeatTest, ShorterTtlOfAnAnswerCountsFromThen) {
  static constexpr absl::Duration kShort = absl::Seconds(3);
  leases_.Add("l1-0-1", 1);
  script_.beats.SetAnswer([](const auto&, v1::ExtendLeasesResponse& response) {
    *response.mutable_ttl() = FromDuration(kShort);
    return grpc::Status::OK;
  });
  clock_.Advance(kBeat);
  script_.beats.Await(1);

  clock_.Advance(kShort / 3);

  EXPECT_EQ(SinceStart(script_.beats.Await(2)[1].time), kBeat + kShort / 3);
}

}  // namespace
}  // namespace niwaki::worker
