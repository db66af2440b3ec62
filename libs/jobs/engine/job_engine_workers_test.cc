// JobEngine: workers that hang, workers that are to leave, and what is known of them.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine_fixture.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Duration kMaxLease = EngineOptions().max_lease;

class JobEngineWorkersTest : public JobEngineTest {
 protected:
  // The heartbeats of a worker that scores `grants[running]` and never gets any further. Those of
  // its leases that were lost by then.
  std::vector<std::string> Hang(const std::string& worker, const std::vector<LeaseGrant>& grants,
                                size_t running, absl::Duration duration) {
    std::vector<std::string> lost;
    for (const absl::Time end = now_ + duration; now_ < end; now_ += kTtl / 3) {
      NIWAKI_EXPECT_OK(engine_->ExpireLeases(now_));
      std::vector<LeaseClaim> claims;
      for (size_t i = 0; i < grants.size(); ++i) {
        claims.push_back({grants[i].id.ToString(), grants[i].id.epoch, i == running});
      }
      lost = engine_->Extend(worker, claims, now_);
    }
    NIWAKI_EXPECT_OK(engine_->ExpireLeases(now_));
    return lost;
  }

  WorkerInfo Worker(const std::string& name) {
    for (const WorkerInfo& info : engine_->ListWorkers("", 1000, now_)) {
      if (info.name == name) return info;
    }
    ADD_FAILURE() << "no worker " << name;
    return {};
  }

  void Drain(const std::string& name, bool drain = true) {
    NIWAKI_EXPECT_OK(engine_->DrainWorker(name, drain, now_));
  }
};

TEST_F(JobEngineWorkersTest, HungCandidateIsTakenBackThoughItsLeaseIsRenewed) {
  const int64_t uid = MakeJob("a", 2);
  const std::vector<LeaseGrant> hung = Lease("w1", 1);

  EXPECT_THAT(Hang("w1", hung, 0, kMaxLease - kTtl), IsEmpty());
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
  EXPECT_THAT(Hang("w1", hung, 0, 2 * kTtl), ElementsAre(hung[0].id.ToString()));

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
  EXPECT_THAT(Row(uid, 0).strikes, ElementsAre("w1"));
  EXPECT_EQ(Worker("w1").lost, 1);
  EXPECT_EQ(Lease("w2", 1)[0].id.ref.slot, 0);
}

TEST_F(JobEngineWorkersTest, CandidateThatHangsTwoWorkersIsFailedAndSaysWhy) {
  const int64_t uid = MakeJob("a", 2);
  for (const char* worker : {"w1", "w2"}) {
    const std::vector<LeaseGrant> hung = Lease(worker, 1);
    ASSERT_EQ(hung[0].id.ref.slot, 0);
    Hang(worker, hung, 0, kMaxLease + kTtl);
  }

  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.state, CandidateState::kFailed);
  EXPECT_THAT(row.state_reason, HasSubstr(reason::kCandidatePoisonous));
  EXPECT_THAT(row.state_reason, HasSubstr("still scoring it after 15m"));
}

TEST_F(JobEngineWorkersTest, WhatWaitsBehindAHungOneGoesToOthersWithoutAStrike) {
  const int64_t uid = MakeJob("a", 4);
  const std::vector<LeaseGrant> batch = Lease("w1", 3);

  Hang("w1", batch, 0, kMaxLease + kTtl);

  EXPECT_THAT(Row(uid, 1).strikes, IsEmpty());
  EXPECT_THAT(Lease("w2", 10), SizeIs(4));
}

TEST_F(JobEngineWorkersTest, SlowBatchThatGetsOnIsLeftAlone) {
  const int64_t uid = MakeJob("a", 8);
  const std::vector<LeaseGrant> batch = Lease("w1", 8);

  for (size_t i = 0; i < batch.size(); ++i) {
    EXPECT_THAT(Hang("w1", {batch.begin() + i, batch.end()}, 0, kMaxLease - kTtl), IsEmpty());
    EXPECT_EQ(Report("w1", batch[i]).verdict, Verdict::kAccepted);
  }

  EXPECT_EQ(Worker("w1").scored, 8);
  EXPECT_EQ(GetJob("a").counters.scored, 8);
  EXPECT_THAT(Row(uid, 7).strikes, IsEmpty());
}

TEST_F(JobEngineWorkersTest, LateScoreOfAHungCandidateIsUsed) {
  const int64_t uid = MakeJob("a", 2);
  const std::vector<LeaseGrant> hung = Lease("w1", 1);
  Hang("w1", hung, 0, kMaxLease + kTtl);

  EXPECT_EQ(Report("w1", hung[0]).verdict, Verdict::kLateRecorded);

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
  EXPECT_EQ(Worker("w1").scored, 1);
}

TEST_F(JobEngineWorkersTest, RestartBeginsTheHardEndAnew) {
  const int64_t uid = MakeJob("a", 2);
  const std::vector<LeaseGrant> slow = Lease("w1", 1);
  Hang("w1", slow, 0, kMaxLease - kTtl);
  Commit();
  Reload();

  EXPECT_THAT(Hang("w1", slow, 0, kMaxLease - kTtl), IsEmpty());
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
  Hang("w1", slow, 0, 2 * kTtl);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
}

TEST_F(JobEngineWorkersTest, DrainedWorkerKeepsWhatItHoldsAndGetsNothingMore) {
  MakeJob("a", 4);
  const std::vector<LeaseGrant> held = Lease("w1", 2);
  Drain("w1");

  EXPECT_TRUE(engine_->IsDraining("w1"));
  EXPECT_THAT(Lease("w1", 10), IsEmpty());
  EXPECT_EQ(Worker("w1").state, WorkerState::kDraining);
  Run("w1", held[0]);
  for (const LeaseGrant& grant : held) EXPECT_EQ(Report("w1", grant).verdict, Verdict::kAccepted);
  EXPECT_EQ(Worker("w1").state, WorkerState::kDrained);
  EXPECT_THAT(Lease("w2", 10), SizeIs(2));
}

TEST_F(JobEngineWorkersTest, DrainSurvivesARestartUntilTakenBack) {
  MakeJob("a", 4);
  Lease("w1", 1);
  Drain("w1");
  Commit();
  Reload();

  EXPECT_TRUE(engine_->IsDraining("w1"));
  EXPECT_EQ(Worker("w1").drain_time, absl::FromUnixSeconds(1000));
  // What it held is its own still.
  EXPECT_EQ(Worker("w1").state, WorkerState::kDraining);
  EXPECT_THAT(Lease("w1", 10), IsEmpty());

  Drain("w1", false);
  Commit();
  Reload();

  EXPECT_FALSE(engine_->IsDraining("w1"));
  EXPECT_THAT(Lease("w1", 10), SizeIs(3));
}

TEST_F(JobEngineWorkersTest, DrainIsIdempotentAndNeedsAKnownWorker) {
  EXPECT_THAT(engine_->DrainWorker("w1", true, now_),
              HasReason(absl::StatusCode::kNotFound, reason::kWorkerUnknown));
  Lease("w1", 1);
  Drain("w1", false);
  EXPECT_TRUE(engine_->TakeMutations(now_).empty());
  Drain("w1");
  const absl::Time asked = now_;
  EXPECT_FALSE(engine_->TakeMutations(now_).empty());

  now_ += absl::Hours(1);
  Drain("w1");

  EXPECT_TRUE(engine_->TakeMutations(now_).empty());
  EXPECT_EQ(Worker("w1").drain_time, asked);
}

TEST_F(JobEngineWorkersTest, JobSaysAtOnceWhenAllAreDrainedAndHowToTakeItBack) {
  Lease("w1", 0);
  Lease("w2", 0);
  MakeJob("a", 1);
  Drain("w1");
  EXPECT_EQ(GetJob("a").state_reason, "");

  Drain("w2");

  EXPECT_THAT(GetJob("a").state_reason,
              HasSubstr("w1, w2 are drained; take it back: niwaki workers drain w1 --undo"));
  Drain("w2", false);
  EXPECT_EQ(GetJob("a").state_reason, "");
}

TEST_F(JobEngineWorkersTest, DrainedWorkerThatWasToldIsGoneAfterTheDrainIsTakenBack) {
  Lease("w1", 0);
  Drain("w1");
  Lease("w1", 1);
  MakeJob("a", 1);

  Drain("w1", false);

  EXPECT_EQ(Worker("w1").state, WorkerState::kGone);
  EXPECT_THAT(GetJob("a").state_reason, HasSubstr("'w1' has ended; start one"));
  // The next one under its name.
  EXPECT_THAT(Lease("w1", 1), SizeIs(1));
  EXPECT_EQ(Worker("w1").state, WorkerState::kWorking);
  EXPECT_EQ(GetJob("a").state_reason, "");
}

TEST_F(JobEngineWorkersTest, SuccessorOfANameFreesWhatItsPredecessorHeld) {
  const int64_t uid = MakeJob("a", 4);
  NIWAKI_ASSERT_OK(engine_->Meet("w1", "first", now_));
  const std::vector<LeaseGrant> held = Lease("w1", 3);
  Run("w1", held[0]);

  NIWAKI_ASSERT_OK(engine_->Meet("w1", "second", now_));

  EXPECT_EQ(Worker("w1").load.held, 0);
  // What it was scoring may have ended it.
  EXPECT_THAT(Row(uid, 0).strikes, ElementsAre("w1"));
  EXPECT_THAT(Row(uid, 1).strikes, IsEmpty());
  EXPECT_EQ(Worker("w1").lost, 1);
  EXPECT_THAT(Lease("w2", 10), SizeIs(4));
}

TEST_F(JobEngineWorkersTest, ProcessThatLostItsNameIsRefused) {
  MakeJob("a", 2);
  NIWAKI_ASSERT_OK(engine_->Meet("w1", "first", now_));
  NIWAKI_ASSERT_OK(engine_->Meet("w1", "second", now_));
  const std::vector<LeaseGrant> held = Lease("w1", 1);

  EXPECT_THAT(engine_->Meet("w1", "first", now_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kWorkerSuperseded));

  EXPECT_EQ(Worker("w1").load.held, 1);
  NIWAKI_EXPECT_OK(engine_->Meet("w1", "second", now_));
  // A process that does not say which it is is not told apart.
  NIWAKI_EXPECT_OK(engine_->Meet("w1", "", now_));
  EXPECT_EQ(Report("w1", held[0]).verdict, Verdict::kAccepted);
}

TEST_F(JobEngineWorkersTest, ProcessKeepsItsLeasesOverARestartOfTheCoordinator) {
  MakeJob("a", 2);
  NIWAKI_ASSERT_OK(engine_->Meet("w1", "first", now_));
  Lease("w1", 1);
  Commit();
  Reload();

  NIWAKI_ASSERT_OK(engine_->Meet("w1", "first", now_));

  EXPECT_EQ(Worker("w1").load.held, 1);
}

TEST_F(JobEngineWorkersTest, WorkerThatLeavesGivesBackWithoutAStrike) {
  const int64_t uid = MakeJob("a", 4);
  const std::vector<LeaseGrant> held = Lease("w1", 3);
  Run("w1", held[0]);

  NIWAKI_ASSERT_OK(engine_->Leave("w1", "the disk is full", now_));

  EXPECT_EQ(Worker("w1").state, WorkerState::kGone);
  EXPECT_EQ(Worker("w1").trouble, "the disk is full");
  EXPECT_EQ(Worker("w1").lost, 0);
  EXPECT_THAT(Row(uid, 0).strikes, IsEmpty());
  EXPECT_THAT(GetJob("a").state_reason, HasSubstr("'w1' ended: the disk is full"));
  EXPECT_THAT(Lease("w2", 10), SizeIs(4));
  EXPECT_EQ(GetJob("a").state_reason, "");
}

TEST_F(JobEngineWorkersTest, ListShowsWhoDoesWhat) {
  MakeJob("a", 8);
  Fail("w1", Lease("w1", 1)[0]);
  const std::vector<LeaseGrant> held = Lease("w2", 3);
  Run("w2", held[0]);
  Report("w2", held[1]);
  Lease("idle", 0, kCudaBf16);

  const std::vector<WorkerInfo> workers = engine_->ListWorkers("", 10, now_);

  ASSERT_THAT(workers, SizeIs(3));
  EXPECT_EQ(workers[0].name, "idle");
  EXPECT_EQ(workers[0].precision, kCudaBf16);
  EXPECT_EQ(workers[0].state, WorkerState::kIdle);
  EXPECT_EQ(workers[1].failed, 1);
  EXPECT_EQ(workers[1].state, WorkerState::kIdle);
  EXPECT_EQ(workers[2].load.held, 2);
  EXPECT_EQ(workers[2].load.running, 1);
  EXPECT_EQ(workers[2].scored, 1);
  EXPECT_EQ(workers[2].state, WorkerState::kWorking);

  now_ += absl::Hours(1);
  NIWAKI_ASSERT_OK(engine_->ExpireLeases(now_));
  EXPECT_EQ(Worker("w2").state, WorkerState::kGone);
  EXPECT_EQ(Worker("w2").lost, 1);
}

TEST_F(JobEngineWorkersTest, HoldersAreKnownAfterARestart) {
  MakeJob("a", 2, "", kCudaBf16);
  Lease("w1", 1, kCudaBf16);
  Commit();
  Reload();

  EXPECT_EQ(Worker("w1").state, WorkerState::kWorking);
  EXPECT_EQ(Worker("w1").precision, kCudaBf16);
}

}  // namespace
}  // namespace niwaki::jobs
