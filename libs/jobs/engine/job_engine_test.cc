#include "libs/jobs/engine/job_engine.h"

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

TEST_F(JobEngineTest, PausedJobIsNotLeasedButMayReport) {
  const int64_t uid = MakeJob("a", 2);
  const LeaseGrant grant = Lease("w", 1)[0];
  NIWAKI_ASSERT_OK(engine_->PauseJob("a", now_));

  EXPECT_THAT(Lease("w", 1), IsEmpty());
  EXPECT_FALSE(engine_->has_work(kDefaultPrecision));
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
