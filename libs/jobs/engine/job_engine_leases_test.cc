// JobEngine: leases, heartbeats and reports.

#include <cmath>
#include <memory>
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
using ::testing::IsEmpty;
using ::testing::SizeIs;

using JobEngineLeasesTest = JobEngineTest;

TEST_F(JobEngineLeasesTest, LiveLeaseExcludesOthers) {
  MakeJob("a", 1);
  EXPECT_THAT(Lease("w1", 1), SizeIs(1));
  EXPECT_THAT(Lease("w2", 1), IsEmpty());
  EXPECT_FALSE(engine_->has_work(kDefaultPrecision));
}

TEST_F(JobEngineLeasesTest, ExpiredLeaseIsGrantedAgainWithTheNextEpoch) {
  MakeJob("a", 1);
  const LeaseGrant first = Lease("w1", 1)[0];

  PassTtl();
  const LeaseGrant second = Lease("w2", 1)[0];

  EXPECT_EQ(first.id.epoch, 1);
  EXPECT_EQ(second.id.epoch, 2);
  EXPECT_EQ(second.id.ref, first.id.ref);
}

TEST_F(JobEngineLeasesTest, HeartbeatKeepsTheLease) {
  MakeJob("a", 1);
  const LeaseGrant grant = Lease("w1", 1)[0];
  now_ += kTtl - absl::Seconds(1);
  Run("w1", grant);
  now_ += kTtl - absl::Seconds(1);
  NIWAKI_ASSERT_OK(engine_->ExpireLeases(now_));
  EXPECT_FALSE(engine_->has_work(kDefaultPrecision));
}

TEST_F(JobEngineLeasesTest, LateResultIsRecordedAndCompletesTheWaitingCandidate) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();

  EXPECT_EQ(Report("w1", old).verdict, Verdict::kLateRecorded);

  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.state, CandidateState::kScored);
  EXPECT_FALSE(row.cached);
  EXPECT_EQ(GetJob("a").counters.cached, 0);
}

TEST_F(JobEngineLeasesTest, LateResultDoesNotTouchTheNewLease) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();
  const LeaseGrant current = Lease("w2", 1)[0];

  EXPECT_EQ(Report("w1", old).verdict, Verdict::kLateRecorded);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
  EXPECT_EQ(Report("w2", current).verdict, Verdict::kAccepted);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
}

TEST_F(JobEngineLeasesTest, LateResultIsUsedWhenTheNewHolderDies) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();
  Lease("w2", 1);
  Report("w1", old);

  PassTtl();

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
}

TEST_F(JobEngineLeasesTest, RepeatedResultIsADuplicate) {
  MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kAccepted);
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
  Commit();
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
  Reload();
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
}

TEST_F(JobEngineLeasesTest, OtherScoreIsAConflictAndTheFirstStands) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  Report("w", grant);
  Score other = FakeScoreOf(grant.subnet_json);
  other.loss += 0.5;

  EXPECT_EQ(Report("w", grant, other).verdict, Verdict::kConflict);

  EXPECT_EQ(Row(uid, 0).score->loss, FakeScoreOf(grant.subnet_json).loss);
  EXPECT_EQ(GetJob("a").counters.conflicts, 1);
}

TEST_F(JobEngineLeasesTest, NotFiniteScoreIsRejectedAndTheLeaseStays) {
  MakeJob("a", 1);
  const LeaseGrant grant = Lease("w", 1)[0];
  Score score = FakeScoreOf(grant.subnet_json);
  score.loss = std::nan("");

  const ReportVerdict verdict = Report("w", grant, score);

  EXPECT_EQ(verdict.verdict, Verdict::kRejected);
  EXPECT_EQ(verdict.reason, reason::kScoreNotFinite);
  score.loss = 1;
  score.top1 = 3;
  EXPECT_EQ(Report("w", grant, score).reason, reason::kArgumentInvalid);
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kAccepted);
}

TEST_F(JobEngineLeasesTest, LeaseNeverGivenIsUnknown) {
  const int64_t uid = MakeJob("a", 2);
  LeaseGrant forged = Lease("w", 1)[0];
  const auto expect_unknown = [&](const LeaseGrant& grant) {
    const ReportVerdict verdict = Report("w", grant);
    EXPECT_EQ(verdict.verdict, Verdict::kRejected);
    EXPECT_EQ(verdict.reason, reason::kLeaseUnknown);
  };

  forged.id.epoch = 2;
  expect_unknown(forged);
  forged.id = {{uid, 1}, 1};
  expect_unknown(forged);
  forged.id = {{uid, 99}, 1};
  expect_unknown(forged);
  forged.id = {{uid + 7, 0}, 1};
  expect_unknown(forged);
  EXPECT_EQ(engine_->ReportScores("w", {{"nonsense", 1, Score(), ""}}, now_)->front().reason,
            reason::kLeaseUnknown);
}

TEST_F(JobEngineLeasesTest, LeaseOfAnotherWorkerIsNotUsedAsCurrent) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w1", 1)[0];

  EXPECT_EQ(Fail("w2", grant).reason, reason::kLeaseFenced);
  EXPECT_EQ(Report("w2", grant).verdict, Verdict::kLateRecorded);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
}

TEST_F(JobEngineLeasesTest, FailuresOnTwoWorkersQuarantineTheCandidate) {
  const int64_t uid = MakeJob("a", 2);

  EXPECT_EQ(Fail("w1", Lease("w1", 1)[0]).verdict, Verdict::kAccepted);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
  const LeaseGrant second = Lease("w2", 1)[0];
  EXPECT_EQ(second.id.ref.slot, 0);
  EXPECT_EQ(Fail("w2", second).verdict, Verdict::kAccepted);

  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.state, CandidateState::kFailed);
  EXPECT_THAT(row.state_reason, ::testing::HasSubstr(reason::kCandidatePoisonous));
  EXPECT_THAT(row.state_reason, ::testing::HasSubstr("oom"));
  EXPECT_EQ(GetJob("a").counters.failed, 1);
}

TEST_F(JobEngineLeasesTest, WorkerThatFailedGetsOthersFirst) {
  MakeJob("a", 2);
  Fail("w1", Lease("w1", 1)[0]);
  EXPECT_EQ(Lease("w1", 1)[0].id.ref.slot, 1);
  EXPECT_EQ(Lease("w1", 1)[0].id.ref.slot, 0);
}

TEST_F(JobEngineLeasesTest, LoneWorkerThatAlwaysFailsEndsTheJob) {
  MakeJob("a", 1);
  int failures = 0;
  while (!engine_->LiveJobs().empty()) {
    ASSERT_LT(++failures, 100);
    Fail("w", Lease("w", 1)[0]);
  }
  EXPECT_EQ(failures, EngineOptions().max_failures);
  EXPECT_EQ(GetJob("a").state, JobState::kFailed);
  EXPECT_EQ(GetJob("a").state_reason, "the only candidate could not be scored: oom");
}

TEST_F(JobEngineLeasesTest, RefusedRequestIsNotAskedAgainOfTheOnlyWorker) {
  const int64_t uid = MakeJob("a", 2);

  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("other classes"));

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kFailed);
  EXPECT_EQ(Row(uid, 0).state_reason, "other classes");
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);
}

TEST_F(JobEngineLeasesTest, RefusedRequestIsAskedOnceOfAnother) {
  const int64_t uid = MakeJob("a", 1);
  const LeaseGrant first = Lease("w1", 1)[0];
  EXPECT_THAT(Lease("w2", 1), IsEmpty());

  Fail("w1", first, absl::FailedPreconditionError("no room here"));
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
  Fail("w2", Lease("w2", 1)[0], absl::FailedPreconditionError("no room there"));

  EXPECT_EQ(Row(uid, 0).state_reason, "no room there");
  EXPECT_EQ(GetJob("a").state, JobState::kFailed);
  EXPECT_EQ(GetJob("a").state_reason, "the only candidate could not be scored: no room there");
}

TEST_F(JobEngineLeasesTest, WorkersThatLeftAreNotWaitedForWithARefusedRequest) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant first = Lease("w1", 1)[0];
  EXPECT_THAT(Lease("of another precision", 1, "cuda-bf16"), IsEmpty());
  Lease("w2", 0);
  NIWAKI_ASSERT_OK(engine_->Leave("w2", "", now_));
  Lease("silent", 0);
  now_ += WorkerRegistry::kPatience;
  Run("w1", first);

  Fail("w1", first, absl::InvalidArgumentError("other classes"));

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kFailed);
}

TEST_F(JobEngineLeasesTest, JobWithoutAnyScoreFailsForItsMostFrequentCause) {
  MakeJob("a", 4);
  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("rare"));
  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("frequent"));
  Commit();
  // What was known before a restart counts.
  Reload();
  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("frequent"));
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);
  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("rarest"));

  EXPECT_EQ(GetJob("a").state, JobState::kFailed);
  EXPECT_EQ(GetJob("a").state_reason,
            "none of 4 candidates could be scored; the most frequent cause, 2 times: frequent");
}

TEST_F(JobEngineLeasesTest, OneScoreIsEnoughToSucceed) {
  MakeJob("a", 2);
  Fail("w", Lease("w", 1)[0], absl::InvalidArgumentError("other classes"));
  Report("w", Lease("w", 1)[0]);

  EXPECT_EQ(GetJob("a").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("a").state_reason, "");
}

TEST_F(JobEngineLeasesTest, VanishingWhileScoringIsAStrikeWaitingIsNot) {
  const int64_t uid = MakeJob("a", 2);
  for (int i = 0; i < 5; ++i) {
    Lease(absl::StrCat("waiting", i), 1);
    PassTtl();
  }
  EXPECT_THAT(Row(uid, 0).strikes, IsEmpty());

  for (const char* worker : {"w1", "w2"}) {
    Run(worker, Lease(worker, 1)[0]);
    PassTtl();
  }

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kFailed);
}

TEST_F(JobEngineLeasesTest, StrikesSurviveARestart) {
  const int64_t uid = MakeJob("a", 2);
  Fail("w1", Lease("w1", 1)[0]);
  Commit();
  Reload();
  Fail("w2", Lease("w2", 1)[0]);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kFailed);
}

TEST_F(JobEngineLeasesTest, WaitingTwinIsLeasedWhenTheFirstIsLost) {
  MakeJob("a", 1, "shared");
  MakeJob("b", 1, "shared");
  ASSERT_THAT(Lease("w1", 10), SizeIs(1));
  EXPECT_THAT(Lease("w2", 10), IsEmpty());
  NIWAKI_ASSERT_OK(engine_->CancelJob("a", now_));

  const std::vector<LeaseGrant> grants = Lease("w2", 10);

  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_EQ(grants[0].job_id, "b");
}

TEST_F(JobEngineLeasesTest, JobsTakeTurns) {
  MakeJob("a", 10);
  MakeJob("b", 10);
  MakeJob("c", 10);
  int first[3] = {0, 0, 0};
  for (int i = 0; i < 9; ++i) ++first[Lease("w", 1)[0].job_id[0] - 'a'];
  EXPECT_THAT(first, ElementsAre(3, 3, 3));

  int batch[3] = {0, 0, 0};
  for (const LeaseGrant& grant : Lease("w", 9)) ++batch[grant.job_id[0] - 'a'];
  EXPECT_THAT(batch, ElementsAre(3, 3, 3));
}

TEST_F(JobEngineLeasesTest, BatchHasOneScoring) {
  MakeJob("a", 3);
  Job job;
  job.id = "b";
  job.spec.max_candidates = 3;
  job.supernet_digest = "another supernet";
  NIWAKI_ASSERT_OK_AND_ASSIGN(job, engine_->CreateJob(job, now_));
  NIWAKI_ASSERT_OK(engine_->AddCandidates(
      job.uid, {MakeProposal(0, "x"), MakeProposal(1, "y"), MakeProposal(2, "z")}, now_));

  for (int i = 0; i < 2; ++i) {
    const std::vector<LeaseGrant> grants = Lease("w", 10);
    ASSERT_THAT(grants, SizeIs(3));
    for (const LeaseGrant& grant : grants) {
      EXPECT_EQ(grant.supernet_digest, grants[0].supernet_digest);
    }
  }
}

}  // namespace
}  // namespace niwaki::jobs
