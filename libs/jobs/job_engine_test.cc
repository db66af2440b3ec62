#include "libs/jobs/job_engine.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/fake_cost_source.h"
#include "libs/jobs/in_memory_job_store.h"

namespace niwaki::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kTtl = absl::Seconds(15);

class JobEngineTest : public ::testing::Test {
 protected:
  void SetUp() override { Reload(); }

  // A restart from what was committed.
  void Reload() { engine_ = *JobEngine::Load(store_, EngineOptions(), now_); }
  void Commit() { NIWAKI_ASSERT_OK(store_.Commit(engine_->TakeMutations(now_))); }

  // A job with `count` candidates "ID0", "ID1", …; those of equal text are the same network.
  int64_t MakeJob(const std::string& id, int count, const std::string& prefix = "") {
    Job job;
    job.id = id;
    job.spec.max_candidates = count;
    job.supernet_digest = "supernet";
    const absl::StatusOr<Job> made = engine_->CreateJob(job, now_);
    EXPECT_THAT(made, IsOk());
    std::vector<Proposal> proposals;
    for (int slot = 0; slot < count; ++slot) {
      proposals.push_back(MakeProposal(slot, absl::StrCat(prefix.empty() ? id : prefix, slot)));
    }
    NIWAKI_EXPECT_OK(engine_->AddCandidates(made->uid, proposals, now_));
    return made->uid;
  }

  static Proposal MakeProposal(int64_t slot, const std::string& text) {
    Proposal proposal;
    proposal.slot = slot;
    proposal.subnet_json = text;
    proposal.subnet_id = FingerprintOf(text.data(), text.size());
    proposal.cost.latency_us = {100.0 + slot, 100, 200, Provenance::kPredicted};
    return proposal;
  }

  std::vector<LeaseGrant> Lease(const std::string& worker, int max) {
    return *engine_->Lease(worker, max, now_);
  }

  ReportVerdict Report(const std::string& worker, const LeaseGrant& grant, const Score& score) {
    return engine_->ReportScores(worker, {{grant.id.ToString(), grant.id.epoch, score, ""}}, now_)
        ->front();
  }
  ReportVerdict Report(const std::string& worker, const LeaseGrant& grant) {
    return Report(worker, grant, FakeScoreOf(grant.subnet_json));
  }
  ReportVerdict Fail(const std::string& worker, const LeaseGrant& grant) {
    return engine_
        ->ReportScores(worker, {{grant.id.ToString(), grant.id.epoch, std::nullopt, "oom"}}, now_)
        ->front();
  }
  void Run(const std::string& worker, const LeaseGrant& grant) {
    EXPECT_THAT(engine_->Extend(worker, {{grant.id.ToString(), grant.id.epoch, true}}, now_),
                IsEmpty());
  }
  void PassTtl() {
    now_ += kTtl;
    NIWAKI_EXPECT_OK(engine_->ExpireLeases(now_));
  }

  Job GetJob(const std::string& id) { return *engine_->GetJob(id); }
  Candidate Row(int64_t uid, int64_t slot) {
    Commit();
    return **store_.FindCandidate({uid, slot});
  }

  absl::Time now_ = absl::FromUnixSeconds(1000);
  InMemoryJobStore store_;
  std::unique_ptr<JobEngine> engine_;
};

TEST_F(JobEngineTest, ScoredCandidatesEndTheJob) {
  const int64_t uid = MakeJob("a", 2);
  EXPECT_EQ(GetJob("a").state, JobState::kRunning);

  for (const LeaseGrant& grant : Lease("w", 10)) {
    EXPECT_EQ(Report("w", grant).verdict, Verdict::kAccepted);
  }

  const Job job = GetJob("a");
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.end_time, now_);
  EXPECT_EQ(job.counters.scored, 2);
  EXPECT_GE(job.counters.front_size, 1);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
  EXPECT_THAT(engine_->LiveJobs(), IsEmpty());
}

TEST_F(JobEngineTest, TakenIdIsRefusedAlsoAfterTheEnd) {
  MakeJob("a", 1);
  Job again;
  again.id = "a";
  EXPECT_THAT(engine_->CreateJob(again, now_),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  Report("w", Lease("w", 1)[0]);
  EXPECT_THAT(engine_->CreateJob(again, now_),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  Commit();
  EXPECT_THAT(engine_->CreateJob(again, now_),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
}

TEST_F(JobEngineTest, LiveLeaseExcludesOthers) {
  MakeJob("a", 1);
  EXPECT_THAT(Lease("w1", 1), SizeIs(1));
  EXPECT_THAT(Lease("w2", 1), IsEmpty());
  EXPECT_FALSE(engine_->has_work());
}

TEST_F(JobEngineTest, ExpiredLeaseIsGrantedAgainWithTheNextEpoch) {
  MakeJob("a", 1);
  const LeaseGrant first = Lease("w1", 1)[0];

  PassTtl();
  const LeaseGrant second = Lease("w2", 1)[0];

  EXPECT_EQ(first.id.epoch, 1);
  EXPECT_EQ(second.id.epoch, 2);
  EXPECT_EQ(second.id.candidate, first.id.candidate);
}

TEST_F(JobEngineTest, HeartbeatKeepsTheLease) {
  MakeJob("a", 1);
  const LeaseGrant grant = Lease("w1", 1)[0];
  now_ += kTtl - absl::Seconds(1);
  Run("w1", grant);
  now_ += kTtl - absl::Seconds(1);
  NIWAKI_ASSERT_OK(engine_->ExpireLeases(now_));
  EXPECT_FALSE(engine_->has_work());
}

TEST_F(JobEngineTest, LateResultIsRecordedAndCompletesTheWaitingCandidate) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();

  EXPECT_EQ(Report("w1", old).verdict, Verdict::kLateRecorded);

  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.state, CandidateState::kScored);
  EXPECT_FALSE(row.cached);
  EXPECT_EQ(GetJob("a").counters.cached, 0);
}

TEST_F(JobEngineTest, LateResultDoesNotTouchTheNewLease) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();
  const LeaseGrant current = Lease("w2", 1)[0];

  EXPECT_EQ(Report("w1", old).verdict, Verdict::kLateRecorded);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
  EXPECT_EQ(Report("w2", current).verdict, Verdict::kAccepted);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
}

TEST_F(JobEngineTest, LateResultIsUsedWhenTheNewHolderDies) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant old = Lease("w1", 1)[0];
  PassTtl();
  Lease("w2", 1);
  Report("w1", old);

  PassTtl();

  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);
}

TEST_F(JobEngineTest, RepeatedResultIsADuplicate) {
  MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kAccepted);
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
  Commit();
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
  Reload();
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kDuplicate);
}

TEST_F(JobEngineTest, OtherScoreIsAConflictAndTheFirstStands) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  Report("w", grant);
  Score other = FakeScoreOf(grant.subnet_json);
  other.loss += 0.5;

  EXPECT_EQ(Report("w", grant, other).verdict, Verdict::kConflict);

  EXPECT_EQ(Row(uid, 0).score->loss, FakeScoreOf(grant.subnet_json).loss);
  EXPECT_EQ(GetJob("a").counters.conflicts, 1);
}

TEST_F(JobEngineTest, NotFiniteScoreIsRejectedAndTheLeaseStays) {
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

TEST_F(JobEngineTest, LeaseNeverGivenIsUnknown) {
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

TEST_F(JobEngineTest, LeaseOfAnotherWorkerIsNotUsedAsCurrent) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w1", 1)[0];

  EXPECT_EQ(Fail("w2", grant).reason, reason::kLeaseFenced);
  EXPECT_EQ(Report("w2", grant).verdict, Verdict::kLateRecorded);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kLeased);
}

TEST_F(JobEngineTest, FailuresOnTwoWorkersQuarantineTheCandidate) {
  const int64_t uid = MakeJob("a", 2);

  EXPECT_EQ(Fail("w1", Lease("w1", 1)[0]).verdict, Verdict::kAccepted);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
  const LeaseGrant second = Lease("w2", 1)[0];
  EXPECT_EQ(second.id.candidate.slot, 0);
  EXPECT_EQ(Fail("w2", second).verdict, Verdict::kAccepted);

  const Candidate row = Row(uid, 0);
  EXPECT_EQ(row.state, CandidateState::kFailed);
  EXPECT_THAT(row.state_reason, ::testing::HasSubstr(reason::kCandidatePoisonous));
  EXPECT_THAT(row.state_reason, ::testing::HasSubstr("oom"));
  EXPECT_EQ(GetJob("a").counters.failed, 1);
}

TEST_F(JobEngineTest, WorkerThatFailedGetsOthersFirst) {
  MakeJob("a", 2);
  Fail("w1", Lease("w1", 1)[0]);
  EXPECT_EQ(Lease("w1", 1)[0].id.candidate.slot, 1);
  EXPECT_EQ(Lease("w1", 1)[0].id.candidate.slot, 0);
}

TEST_F(JobEngineTest, LoneWorkerThatAlwaysFailsEndsTheJob) {
  MakeJob("a", 1);
  int failures = 0;
  while (!engine_->LiveJobs().empty()) {
    ASSERT_LT(++failures, 100);
    Fail("w", Lease("w", 1)[0]);
  }
  EXPECT_EQ(failures, EngineOptions().max_failures);
  EXPECT_EQ(GetJob("a").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("a").state_reason, "no candidate could be scored");
}

TEST_F(JobEngineTest, VanishingWhileScoringIsAStrikeWaitingIsNot) {
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

TEST_F(JobEngineTest, StrikesSurviveARestart) {
  const int64_t uid = MakeJob("a", 2);
  Fail("w1", Lease("w1", 1)[0]);
  Commit();
  Reload();
  Fail("w2", Lease("w2", 1)[0]);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kFailed);
}

TEST_F(JobEngineTest, PausedJobIsNotLeasedButMayReport) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  NIWAKI_ASSERT_OK(engine_->PauseJob("a", now_));

  EXPECT_THAT(Lease("w", 1), IsEmpty());
  EXPECT_FALSE(engine_->has_work());
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kAccepted);
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kScored);

  NIWAKI_ASSERT_OK(engine_->ResumeJob("a", now_));
  EXPECT_THAT(Lease("w", 1), SizeIs(1));
}

TEST_F(JobEngineTest, CancelRevokesLeasesAndIsIdempotent) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Job job, engine_->CancelJob("a", now_));

  EXPECT_EQ(job.state, JobState::kCancelled);
  EXPECT_EQ(job.counters.leased, 0);
  EXPECT_EQ(job.counters.pending, 2);
  EXPECT_THAT(engine_->Extend("w", {{grant.id.ToString(), 1, true}}, now_),
              ElementsAre(grant.id.ToString()));
  EXPECT_EQ(Row(uid, 0).state, CandidateState::kPending);
  NIWAKI_EXPECT_OK(engine_->CancelJob("a", now_));
  EXPECT_THAT(engine_->PauseJob("a", now_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  EXPECT_EQ(Report("w", grant).verdict, Verdict::kLateRecorded);
}

TEST_F(JobEngineTest, UnknownJobIsNotFound) {
  EXPECT_THAT(engine_->CancelJob("x", now_),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
  EXPECT_THAT(engine_->PauseJob("x", now_),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
  EXPECT_THAT(engine_->DeleteJob("x", ""),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
  EXPECT_THAT(engine_->GetJob("x"), HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobEngineTest, DeletionWantsAnEndedJobAndItsEtag) {
  const int64_t uid = MakeJob("a", 1);
  EXPECT_THAT(engine_->DeleteJob("a", ""),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  const LeaseGrant grant = Lease("w", 1)[0];
  Report("w", grant);
  Commit();
  EXPECT_THAT(engine_->DeleteJob("a", "0-0"),
              HasReason(absl::StatusCode::kAborted, reason::kEtagMismatch));

  NIWAKI_ASSERT_OK(engine_->DeleteJob("a", GetJob("a").etag()));

  EXPECT_THAT(engine_->GetJob("a"), HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
  Commit();
  EXPECT_FALSE(store_.FindCandidate({uid, 0})->has_value());
  EXPECT_EQ(Report("w", grant).reason, reason::kLeaseUnknown);
  // The name is free, the uid is not given again, the score is kept.
  const int64_t again = MakeJob("a", 1);
  EXPECT_GT(again, uid);
  EXPECT_EQ(GetJob("a").counters.cached, 1);
}

TEST_F(JobEngineTest, KnownScoreCompletesACandidateAtOnce) {
  MakeJob("a", 2, "shared");
  for (const LeaseGrant& grant : Lease("w", 2)) Report("w", grant);

  const int64_t second = MakeJob("b", 2, "shared");

  EXPECT_EQ(GetJob("b").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("b").counters.cached, 2);
  EXPECT_TRUE(Row(second, 1).cached);
}

TEST_F(JobEngineTest, TwoJobsWantingOneScoreGetItOnce) {
  MakeJob("a", 1, "shared");
  const int64_t second = MakeJob("b", 1, "shared");

  const std::vector<LeaseGrant> grants = Lease("w1", 10);
  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_THAT(Lease("w2", 10), IsEmpty());
  Report("w1", grants[0]);

  EXPECT_EQ(GetJob("b").state, JobState::kSucceeded);
  EXPECT_TRUE(Row(second, 0).cached);
}

TEST_F(JobEngineTest, WaitingTwinIsLeasedWhenTheFirstIsLost) {
  MakeJob("a", 1, "shared");
  MakeJob("b", 1, "shared");
  ASSERT_THAT(Lease("w1", 10), SizeIs(1));
  EXPECT_THAT(Lease("w2", 10), IsEmpty());
  NIWAKI_ASSERT_OK(engine_->CancelJob("a", now_));

  const std::vector<LeaseGrant> grants = Lease("w2", 10);

  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_EQ(grants[0].job_id, "b");
}

TEST_F(JobEngineTest, JobsTakeTurns) {
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

TEST_F(JobEngineTest, BatchHasOneScoring) {
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

TEST_F(JobEngineTest, RepeatedProposalsAreSkipped) {
  const int64_t uid = MakeJob("a", 3);
  NIWAKI_ASSERT_OK(engine_->AddCandidates(uid, {MakeProposal(0, "other")}, now_));
  EXPECT_EQ(GetJob("a").counters.proposed, 3);
  EXPECT_EQ(Row(uid, 0).subnet_json, "a0");
}

TEST_F(JobEngineTest, InfeasibleSlotsCountAsOutcomes) {
  Job job;
  job.id = "a";
  job.spec.max_candidates = 2;
  NIWAKI_ASSERT_OK_AND_ASSIGN(job, engine_->CreateJob(job, now_));
  Proposal infeasible;
  infeasible.infeasible = true;
  infeasible.reason = "nothing fits";
  infeasible.rejected = 256;
  std::vector<Proposal> proposals = {infeasible, infeasible};
  proposals[1].slot = 1;

  NIWAKI_ASSERT_OK(engine_->AddCandidates(job.uid, proposals, now_));

  EXPECT_EQ(GetJob("a").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("a").counters.infeasible, 2);
  EXPECT_EQ(GetJob("a").counters.rejected, 512);
  EXPECT_EQ(GetJob("a").state_reason, "no network within the limits was found");
  EXPECT_EQ(Row(job.uid, 1).state_reason, "nothing fits");
}

TEST_F(JobEngineTest, RestartKeepsJobsLeasesAndFront) {
  const int64_t uid = MakeJob("a", 5);
  const std::vector<LeaseGrant> grants = Lease("w", 4);
  Report("w", grants[0]);
  Report("w", grants[1]);
  Commit();
  const JobCounters counters = GetJob("a").counters;
  const auto front = engine_->FrontSlots(uid);

  Reload();

  EXPECT_EQ(GetJob("a").counters, counters);
  EXPECT_EQ(engine_->FrontSlots(uid), front);
  EXPECT_EQ(Report("w", grants[2]).verdict, Verdict::kAccepted);
  EXPECT_THAT(Lease("w", 10), SizeIs(1));
  PassTtl();
  EXPECT_THAT(Lease("w", 10), SizeIs(2));
}

TEST_F(JobEngineTest, UncommittedWorkIsGoneAfterReload) {
  MakeJob("a", 2);
  Commit();
  const LeaseGrant lost = Lease("w", 1)[0];

  Reload();

  EXPECT_EQ(Report("w", lost).reason, reason::kLeaseUnknown);
  EXPECT_THAT(Lease("w", 2), SizeIs(2));
}

TEST_F(JobEngineTest, RequestIdIsRememberedAndNotReusable) {
  engine_->RecordAnswer({"id", "M", "digest", "answer", now_});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(**engine_->FindAnswer({"id", "M", "digest", "", now_}), "answer");
    EXPECT_THAT(engine_->FindAnswer({"id", "M", "other", "", now_}),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
    EXPECT_THAT(engine_->FindAnswer({"id", "N", "digest", "", now_}),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
    EXPECT_FALSE(engine_->FindAnswer({"new", "M", "digest", "", now_})->has_value());
    EXPECT_FALSE(engine_->FindAnswer({"", "M", "digest", "", now_})->has_value());
    Commit();
  }
}

TEST_F(JobEngineTest, SupernetWithOtherContentIsRefused) {
  const Supernet supernet = {"s", "space", "digest", "data", absl::UnixEpoch()};
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Supernet first, engine_->PutSupernet(supernet, now_));
  now_ += absl::Seconds(5);
  for (int i = 0; i < 2; ++i) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Supernet again, engine_->PutSupernet(supernet, now_));
    EXPECT_EQ(again.create_time, first.create_time);
    Supernet other = supernet;
    other.digest = "other";
    EXPECT_THAT(engine_->PutSupernet(other, now_),
                HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
    Commit();
  }
}

TEST_F(JobEngineTest, TooManyLiveJobsAreRefused) {
  EngineOptions options;
  options.max_live_jobs = 1;
  engine_ = *JobEngine::Load(store_, options, now_);
  MakeJob("a", 1);
  Job job;
  job.id = "b";
  EXPECT_THAT(engine_->CreateJob(job, now_),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kQueueFull));
}

}  // namespace
}  // namespace niwaki::jobs
