#include "libs/jobs/engine/engine_loop.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/attendance.h"
#include "libs/jobs/engine/event_stream.h"
#include "libs/jobs/store/counting_job_store.h"
#include "libs/jobs/store/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;

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

auto Lost() { return StatusIs(absl::StatusCode::kUnavailable, "connection lost"); }

class EngineLoopTest : public ::testing::Test {
 protected:
  void Start(EngineLoopOptions options = {}) {
    loop_ = *EngineLoop::Start(store_, clock_, std::move(options));
  }

  // Without a thread: Submit, StepAll, look at results_.
  void Create() {
    EngineLoopOptions options;
    options.events = &events_;
    loop_ = *EngineLoop::Create(store_, clock_, options);
  }
  void Submit(EngineLoop::Apply apply, ExpectedReads reads = {}) {
    loop_->Submit(
        std::move(apply), [this](const absl::Status& status) { results_.push_back(status); },
        std::move(reads));
  }
  void StepAll() {
    while (loop_->Step()) {
    }
  }

  FakeClock clock_{absl::FromUnixSeconds(1000)};
  InMemoryJobStore store_;
  EventStream events_;
  std::vector<absl::Status> results_;
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

// Event names and jobs, as they were told.
class Recorder : public EventSubscriber {
 public:
  void OnCommitted(const CommittedChanges& changes) override {
    for (const JobEvent& event : changes.events) {
      if (const auto* created = std::get_if<JobCreated>(&event)) {
        heard.push_back("created " + created->job.id);
      } else if (const auto* state = std::get_if<JobStateChanged>(&event)) {
        heard.push_back(state->job.id + " " + std::string(JobStateName(state->to)));
      } else if (const auto* proposed = std::get_if<CandidateProposed>(&event)) {
        heard.push_back("proposed " + proposed->candidate.job.id);
      } else if (const auto* loaded = std::get_if<EngineLoaded>(&event)) {
        heard.push_back(loaded->again ? "loaded again" : "loaded");
        for (const auto& [uid, job] : changes.rows.jobs) {
          heard.push_back(job.id + " is " + std::string(JobStateName(job.state)));
        }
        for (const int64_t uid : changes.rows.deleted_jobs) {
          heard.push_back("job " + std::to_string(uid) + " is gone");
        }
      }
    }
  }
  void OnCommitFailed(const absl::Status& status) override {
    heard.push_back("failed: " + std::string(status.message()));
  }

  // Read only while the loop is still.
  std::vector<std::string> heard;
};

TEST_F(EngineLoopTest, CommittedEventsAreToldOnceInOrder) {
  Recorder recorder;
  events_.Subscribe(recorder);
  Create();

  Submit([](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "a", now); });
  Submit(CreateCommand("b"));
  StepAll();
  StepAll();

  EXPECT_THAT(recorder.heard,
              ElementsAre("loaded", "created a", "proposed a", "a RUNNING", "created b"));
}

TEST_F(EngineLoopTest, NothingIsToldOfACommitThatFailed) {
  Recorder recorder;
  events_.Subscribe(recorder);
  Create();
  store_.FailCommit(1, absl::UnavailableError("no disk"));

  Submit(CreateCommand("lost"));
  StepAll();
  Submit(CreateCommand("a"));
  StepAll();

  EXPECT_THAT(recorder.heard,
              ElementsAre("loaded", "failed: no disk", "loaded again", "created a"));
}

TEST_F(EngineLoopTest, WhatAFailedCommitLeftThereIsToldByTheLoad) {
  Recorder recorder;
  Create();
  Submit([](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "ends", now); });
  Submit([](JobEngine& engine, absl::Time now) { return CreateWithWork(engine, "gone", now); });
  StepAll();
  events_.Subscribe(recorder);
  store_.FailCommit(1, absl::UnavailableError("connection lost"), CommitFailure::kAfter);

  Submit([](JobEngine& engine, absl::Time now) { return engine.CancelJob("ends", now).status(); });
  Submit([](JobEngine& engine, absl::Time now) { return engine.CancelJob("gone", now).status(); });
  Submit([](JobEngine& engine, absl::Time) { return engine.DeleteJob("gone", ""); });
  Submit(CreateCommand("made"));
  StepAll();
  clock_.Advance(absl::Seconds(2));
  StepAll();

  EXPECT_THAT(results_, ElementsAre(IsOk(), IsOk(), Lost(), Lost(), Lost(), Lost()));
  EXPECT_THAT(recorder.heard, ElementsAre("failed: connection lost", "loaded again",
                                          "ends is CANCELLED", "made is QUEUED", "job 2 is gone"));
}

TEST_F(EngineLoopTest, RepeatedRequestOfALostAnswerTakesEffectOnce) {
  Create();
  const auto create = [](JobEngine& engine, absl::Time now) -> absl::Status {
    const RequestRecord request = {"id", "CreateJob", "digest", "made", now};
    const auto known = engine.FindAnswer(request);
    if (!known.ok() || known->has_value()) return known.status();
    const absl::Status status = ::niwaki::jobs::Create(engine, "a", now);
    engine.RecordAnswer(request);
    return status;
  };
  store_.FailCommit(1, absl::UnavailableError("connection lost"), CommitFailure::kAfter);

  Submit(create);
  StepAll();
  Submit(create);
  StepAll();

  EXPECT_THAT(results_, ElementsAre(Lost(), IsOk()));
  EXPECT_EQ(store_.ListJobs(0, 10)->size(), 1);
}

TEST_F(EngineLoopTest, LeaderThatWasCutOffChangesNothing) {
  Create();
  Submit(CreateCommand("before"));
  StepAll();
  const auto other = EngineLoop::Create(store_, clock_, {});
  NIWAKI_ASSERT_OK(other);

  Submit(CreateCommand("late"));
  StepAll();

  ASSERT_EQ(results_.size(), 2);
  EXPECT_THAT(results_[1], HasReason(absl::StatusCode::kAborted, reason::kLeaderFenced));
  EXPECT_FALSE(store_.FindJob("late")->has_value());
  // It does not take the lead back.
  Submit(CreateCommand("late"));
  StepAll();
  EXPECT_THAT(results_[2], HasReason(absl::StatusCode::kAborted, reason::kLeaderFenced));
  absl::Status made;
  (*other)->Submit(CreateCommand("new"), [&](const absl::Status& status) { made = status; });
  while ((*other)->Step()) {
  }
  NIWAKI_EXPECT_OK(made);
}

TEST_F(EngineLoopTest, LookUpsOfAGroupAreOneReadOfEachKind) {
  CountingJobStore counted(store_);
  loop_ = *EngineLoop::Create(counted, clock_, {});
  constexpr int kCalls = 30;
  constexpr int kLeases = 10;
  std::vector<LeaseGrant> grants;
  Submit([&](JobEngine& engine, absl::Time now) -> absl::Status {
    Job job;
    job.id = "a";
    job.spec.max_candidates = kCalls * kLeases;
    auto made = engine.CreateJob(job, now);
    std::vector<Proposal> proposals(kCalls * kLeases);
    for (int slot = 0; slot < kCalls * kLeases; ++slot) {
      proposals[slot].slot = slot;
      proposals[slot].subnet_json = std::to_string(slot);
      proposals[slot].subnet_id = {1, static_cast<uint64_t>(slot)};
    }
    NIWAKI_RETURN_IF_ERROR(engine.AddCandidates(made->uid, proposals, now));
    grants = *engine.Lease("w", kDefaultPrecision, kCalls * kLeases, now);
    return absl::OkStatus();
  });
  StepAll();
  ASSERT_EQ(grants.size(), kCalls * kLeases);
  counted.Reset();

  for (int call = 0; call < kCalls; ++call) {
    const RequestRecord request = {std::to_string(call), "Report", "d", "", clock_.Now()};
    ExpectedReads reads;
    reads.request_ids = {request.request_id};
    std::vector<Report> reports;
    for (int i = call * kLeases; i < (call + 1) * kLeases; ++i) {
      const std::string lease_id = grants[i].id.ToString();
      reads.lease_ids.push_back(lease_id);
      reports.push_back({lease_id, grants[i].id.epoch, Score{0.5, 0.6, 1, 10, 1}, ""});
    }
    Submit(
        [request, reports](JobEngine& engine, absl::Time now) -> absl::Status {
          NIWAKI_RETURN_IF_ERROR(engine.FindAnswer(request).status());
          return engine.ReportScores("w", reports, now).status();
        },
        reads);
  }
  StepAll();

  EXPECT_THAT(results_, ::testing::Each(IsOk()));
  EXPECT_EQ((*store_.FindJob("a"))->counters.scored, kCalls * kLeases);
  EXPECT_EQ(counted.batch_reads(), 2);
  EXPECT_EQ(counted.single_reads(), 0);
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

TEST_F(EngineLoopTest, TooManyWaitersAreRefusedForTheirNumber) {
  EngineLoopOptions options;
  options.max_queue = 2;
  loop_ = *EngineLoop::Create(store_, clock_, options);
  Waiting waiting[4];
  StartWaiting(*loop_, waiting[0], absl::Seconds(30));
  StepAll();
  StartWaiting(*loop_, waiting[1], absl::Seconds(20));

  StartWaiting(*loop_, waiting[2], absl::Seconds(30));

  ASSERT_TRUE(waiting[2].done.HasBeenNotified());
  EXPECT_THAT(waiting[2].status,
              HasReason(absl::StatusCode::kResourceExhausted, reason::kQueueFull));
  // Who leaves makes room.
  StepAll();
  clock_.Advance(absl::Seconds(20));
  StepAll();
  EXPECT_TRUE(waiting[1].done.HasBeenNotified());
  StartWaiting(*loop_, waiting[3], absl::Seconds(30));
  EXPECT_FALSE(waiting[3].done.HasBeenNotified());
  loop_->Stop();
  NIWAKI_EXPECT_OK(waiting[3].status);
  EXPECT_TRUE(waiting[3].done.HasBeenNotified());
}

TEST_F(EngineLoopTest, StepSaysWhetherThereWasSomething) {
  Create();
  // The first timers are due.
  EXPECT_TRUE(loop_->Step());
  EXPECT_FALSE(loop_->Step());

  Submit(CreateCommand("a"));
  EXPECT_THAT(results_, ::testing::IsEmpty());
  EXPECT_TRUE(loop_->Step());
  EXPECT_THAT(results_, ElementsAre(IsOk()));
  EXPECT_FALSE(loop_->Step());

  Submit(CreateCommand("b"));
  loop_->Stop();
  EXPECT_THAT(results_, ElementsAre(IsOk(), IsOk()));
  EXPECT_FALSE(loop_->Step());
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
