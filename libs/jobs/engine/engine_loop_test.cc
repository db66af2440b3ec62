#include "libs/jobs/engine/engine_loop.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/attendance.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

absl::Status Create(JobEngine& engine, const std::string& id, absl::Time now) {
  Job job;
  job.id = id;
  return engine.CreateJob(job, now).status();
}

EngineLoop::Apply CreateCommand(const std::string& id) {
  return [id](JobEngine& engine, absl::Time now) { return Create(engine, id, now); };
}

// A job with one candidate.
absl::Status CreateWithWork(JobEngine& engine, const std::string& id, absl::Time now) {
  Job job;
  job.id = id;
  auto made = engine.CreateJob(job, now);
  if (!made.ok()) return made.status();
  Proposal proposal;
  proposal.subnet_json = id;
  return engine.AddCandidates(made->uid, {proposal}, now);
}

// The answer of a waiting lease.
struct Waiting {
  std::vector<LeaseGrant> grants;
  absl::Status status;
  absl::Notification done;
  std::atomic<bool> left{false};
  std::atomic<int> tries{0};
};

void StartWaiting(EngineLoop& loop, Waiting& waiting, absl::Duration timeout,
                  const std::string& precision = kDefaultPrecision) {
  EngineLoop::WaitingCommand command;
  command.precision = precision;
  command.try_apply = [&waiting, precision](JobEngine& engine,
                                            absl::Time now) -> absl::StatusOr<bool> {
    ++waiting.tries;
    waiting.grants = *engine.Lease("w", precision, 1, now);
    return !waiting.grants.empty();
  };
  command.cancelled = [&waiting] { return waiting.left.load(); };
  command.timeout = timeout;
  command.done = [&waiting](const absl::Status& status) {
    waiting.status = status;
    waiting.done.Notify();
  };
  loop.SubmitWaiting(std::move(command));
}

class EngineLoopTest : public ::testing::Test {
 protected:
  void Start(EngineLoopOptions options = {}) {
    loop_ = *EngineLoop::Start(store_, clock_, std::move(options));
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  InMemoryJobStore store_;
  std::unique_ptr<EngineLoop> loop_;
};

TEST_F(EngineLoopTest, AnswerComesAfterTheCommit) {
  Start();

  NIWAKI_ASSERT_OK(loop_->Run(CreateCommand("a")));

  EXPECT_TRUE(store_.FindJob("a")->has_value());
}

TEST_F(EngineLoopTest, CommandsErrorIsItsOwn) {
  Start();
  NIWAKI_ASSERT_OK(loop_->Run(CreateCommand("a")));

  EXPECT_THAT(loop_->Run(CreateCommand("a")),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  NIWAKI_EXPECT_OK(loop_->Run(CreateCommand("b")));
}

TEST_F(EngineLoopTest, FailedCommitIsEverybodysErrorAndLeavesNoTrace) {
  Start();
  NIWAKI_ASSERT_OK(loop_->Run(CreateCommand("kept")));
  store_.FailCommit(1, absl::ResourceExhaustedError("disk full"));

  EXPECT_THAT(loop_->Run(CreateCommand("lost")),
              StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));

  EXPECT_FALSE(store_.FindJob("lost")->has_value());
  NIWAKI_EXPECT_OK(loop_->Run([](JobEngine& engine, absl::Time) {
    EXPECT_THAT(engine.GetJob("kept"), IsOk());
    EXPECT_FALSE(engine.GetJob("lost").ok());
    return absl::OkStatus();
  }));
  NIWAKI_EXPECT_OK(loop_->Run(CreateCommand("lost")));
}

TEST_F(EngineLoopTest, ListenerHearsWhatWasCommitted) {
  EngineLoopOptions options;
  std::vector<std::string> heard;
  options.on_committed = [&](const Mutations& mutations) {
    for (const auto& [uid, job] : mutations.jobs) heard.push_back(job.id);
  };
  Start(std::move(options));
  store_.FailCommit(1, absl::UnavailableError("no"));

  EXPECT_FALSE(loop_->Run(CreateCommand("lost")).ok());
  NIWAKI_EXPECT_OK(loop_->Run(CreateCommand("a")));
  loop_->Stop();

  EXPECT_THAT(heard, ::testing::ElementsAre("a"));
}

TEST_F(EngineLoopTest, WaiterIsWokenByNewWork) {
  Start();
  Waiting waiting;
  StartWaiting(*loop_, waiting, absl::Seconds(30));
  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine&, absl::Time) { return absl::OkStatus(); }));
  EXPECT_FALSE(waiting.done.HasBeenNotified());

  NIWAKI_ASSERT_OK(loop_->Run(
      [](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); }));
  waiting.done.WaitForNotification();

  NIWAKI_EXPECT_OK(waiting.status);
  EXPECT_EQ(waiting.grants.size(), 1);
  // What was handed out is on the disk.
  EXPECT_EQ((*store_.FindCandidate({1, 0}))->state, CandidateState::kLeased);
}

TEST_F(EngineLoopTest, WaiterGoesEmptyAtItsDeadline) {
  Start();
  Waiting waiting;
  StartWaiting(*loop_, waiting, absl::Seconds(2));
  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine&, absl::Time) { return absl::OkStatus(); }));
  EXPECT_FALSE(waiting.done.HasBeenNotified());

  clock_.Advance(absl::Seconds(2));
  waiting.done.WaitForNotification();

  NIWAKI_EXPECT_OK(waiting.status);
  EXPECT_TRUE(waiting.grants.empty());
}

TEST_F(EngineLoopTest, WaiterThatLeftGetsNoLease) {
  Start();
  Waiting waiting;
  waiting.left = true;
  StartWaiting(*loop_, waiting, absl::Seconds(30));
  waiting.done.WaitForNotification();

  EXPECT_THAT(waiting.status, StatusIs(absl::StatusCode::kCancelled, ""));
}

TEST_F(EngineLoopTest, ReaperReturnsLeasesWithoutAnybodyAsking) {
  Start();
  Waiting first;
  NIWAKI_ASSERT_OK(loop_->Run(
      [](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); }));
  StartWaiting(*loop_, first, absl::Seconds(30));
  first.done.WaitForNotification();
  Waiting second;
  StartWaiting(*loop_, second, absl::Seconds(30));

  // The ttl and one period of the reaper.
  clock_.Advance(absl::Seconds(20));
  second.done.WaitForNotification();

  ASSERT_EQ(second.grants.size(), 1);
  EXPECT_EQ(second.grants[0].id.epoch, 2);
}

TEST_F(EngineLoopTest, WorkOfAnotherPrecisionDoesNotWakeTheWaiter) {
  Start();
  Waiting waiting;
  StartWaiting(*loop_, waiting, absl::Seconds(30), kCudaBf16);
  NIWAKI_ASSERT_OK(loop_->Run(
      [](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); }));
  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine&, absl::Time) { return absl::OkStatus(); }));

  EXPECT_FALSE(waiting.done.HasBeenNotified());

  Waiting other;
  StartWaiting(*loop_, other, absl::Seconds(30), kCpuF32);
  other.done.WaitForNotification();
  loop_->Stop();
  EXPECT_EQ(other.grants.size(), 1);
  EXPECT_EQ(waiting.tries, 1);
  EXPECT_TRUE(waiting.grants.empty());
}

TEST_F(EngineLoopTest, DrainWakesTheWaiterOnceItIsOnTheDisk) {
  Start();
  Waiting waiting;
  EngineLoop::WaitingCommand command;
  command.worker = "w";
  command.precision = kDefaultPrecision;
  command.try_apply = [](JobEngine& engine, absl::Time now) -> absl::StatusOr<bool> {
    (void)engine.Lease("w", kDefaultPrecision, 1, now);
    return engine.IsDraining("w");
  };
  command.cancelled = [] { return false; };
  command.timeout = absl::Hours(1);
  bool was_durable = false;
  command.done = [&](const absl::Status& status) {
    waiting.status = status;
    was_durable = store_.Load()->drained_workers.size() == 1;
    waiting.done.Notify();
  };
  loop_->SubmitWaiting(std::move(command));
  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine&, absl::Time) { return absl::OkStatus(); }));
  EXPECT_FALSE(waiting.done.HasBeenNotified());

  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine& engine, absl::Time now) {
    return engine.DrainWorker("w", true, now).status();
  }));
  waiting.done.WaitForNotification();

  NIWAKI_EXPECT_OK(waiting.status);
  EXPECT_TRUE(was_durable);
}

TEST_F(EngineLoopTest, HardEndIsLookedForWithoutAnybodyAsking) {
  EngineLoopOptions options;
  options.engine.lease_ttl = absl::Hours(24);
  options.engine.max_lease = absl::Minutes(3);
  Start(std::move(options));
  Waiting first;
  NIWAKI_ASSERT_OK(loop_->Run(
      [](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); }));
  StartWaiting(*loop_, first, absl::Hours(1));
  first.done.WaitForNotification();
  Waiting second;
  StartWaiting(*loop_, second, absl::Hours(1));

  // The hard end and one period of the reaper.
  clock_.Advance(absl::Minutes(4));
  second.done.WaitForNotification();

  ASSERT_EQ(second.grants.size(), 1);
  EXPECT_EQ(second.grants[0].id.epoch, 2);
}

TEST_F(EngineLoopTest, JobSaysThatNoWorkerOfItsPrecisionIsThere) {
  Start();
  NIWAKI_ASSERT_OK(loop_->Run(
      [](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); }));
  clock_.Advance(Attendance::kPatience);
  // Any command after the timers of its round.
  NIWAKI_ASSERT_OK(loop_->Run([](JobEngine&, absl::Time) { return absl::OkStatus(); }));
  EXPECT_THAT((*store_.FindJob("a"))->state_reason, ::testing::HasSubstr("cpu-f32"));

  Waiting waiting;
  StartWaiting(*loop_, waiting, absl::Seconds(30));
  waiting.done.WaitForNotification();

  EXPECT_EQ((*store_.FindJob("a"))->state_reason, "");
}

TEST_F(EngineLoopTest, StopAnswersWaitersAndRefusesLaterCalls) {
  Start();
  Waiting waiting;
  StartWaiting(*loop_, waiting, absl::Seconds(30));

  loop_->Stop();

  EXPECT_TRUE(waiting.done.HasBeenNotified());
  EXPECT_THAT(loop_->Run(CreateCommand("a")),
              HasReason(absl::StatusCode::kUnavailable, reason::kShuttingDown));
  EXPECT_THAT(loop_->Probe(), HasReason(absl::StatusCode::kUnavailable, reason::kShuttingDown));
  loop_->Stop();
}

TEST_F(EngineLoopTest, FullQueueIsRefused) {
  EngineLoopOptions options;
  options.max_queue = 1;
  Start(std::move(options));
  absl::Notification entered;
  absl::Notification release;
  std::thread blocking([&] {
    (void)loop_->Run([&](JobEngine&, absl::Time) {
      entered.Notify();
      release.WaitForNotification();
      return absl::OkStatus();
    });
  });
  entered.WaitForNotification();
  absl::Status third;
  loop_->Submit([](JobEngine&, absl::Time) { return absl::OkStatus(); },
                [](const absl::Status&) {});
  loop_->Submit([](JobEngine&, absl::Time) { return absl::OkStatus(); },
                [&](const absl::Status& status) { third = status; });

  release.Notify();
  blocking.join();

  EXPECT_THAT(third, HasReason(absl::StatusCode::kResourceExhausted, reason::kQueueFull));
}

TEST_F(EngineLoopTest, ManyThreadsGetTheirOwnAnswers) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> made{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        if (loop_->Run(CreateCommand("j" + std::to_string(t * 100 + i))).ok()) ++made;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(made, 160);
  EXPECT_EQ(store_.ListJobs(0, 1000)->size(), 160);
}

}  // namespace
}  // namespace niwaki::jobs
