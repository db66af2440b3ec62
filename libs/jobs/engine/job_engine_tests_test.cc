// JobEngine: fronts are scored on the test split by a job of their own.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/engine/job_engine_fixture.h"
#include "libs/jobs/tested_front.h"

namespace niwaki::jobs {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobEngineTestsTest : public JobEngineTest {
 protected:
  // A job whose `count` networks, "ID0" …, are scored, each on the front.
  int64_t MakeScored(const std::string& id, int count, bool test_front) {
    Job job;
    job.id = id;
    job.spec.max_candidates = count;
    job.spec.test_front = test_front;
    job.supernet_digest = "supernet";
    const int64_t uid = engine_->CreateJob(job, now_)->uid;
    std::vector<Proposal> proposals;
    for (int slot = 0; slot < count; ++slot) {
      proposals.push_back(MakeProposal(slot, absl::StrCat(id, slot)));
    }
    NIWAKI_EXPECT_OK(engine_->AddCandidates(uid, proposals, now_));
    for (const LeaseGrant& grant : Lease("w", count)) {
      // Slower ones are more accurate.
      Report("w", grant, Score{0.5 + 0.01 * grant.id.ref.slot, 0.9, 1, 720, 0});
    }
    return uid;
  }

  // What the proposer does: the front's networks in the front's order.
  void ProposeFront(const std::string& id, int count) {
    std::vector<Proposal> proposals;
    for (int i = 0; i < count; ++i) {
      proposals.push_back(MakeProposal(i, absl::StrCat(id, count - 1 - i)));
    }
    NIWAKI_EXPECT_OK(engine_->AddCandidates(GetJob(TestJobId(id)).uid, proposals, now_));
  }
};

TEST_F(JobEngineTestsTest, JobThatAsksForItsTestBeginsItWhenItSucceeds) {
  const int64_t uid = MakeScored("a", 3, /*test_front=*/true);
  EXPECT_EQ(GetJob("a").state, JobState::kSucceeded);

  // One commit holds the end of the one and the beginning of the other.
  Commit();
  Reload();

  const Job test = GetJob("a.test");
  EXPECT_EQ(test.state, JobState::kQueued);
  EXPECT_EQ(test.spec.tested_uid, uid);
  EXPECT_EQ(test.spec.max_candidates, 3);
  EXPECT_EQ(test.spec.evaluation.split, Split::kTest);
}

TEST_F(JobEngineTestsTest, NothingIsTestedThatNobodyAskedFor) {
  MakeScored("a", 2, /*test_front=*/false);

  EXPECT_THAT(engine_->GetJob("a.test"),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobEngineTestsTest, CancelledJobIsNotTested) {
  Job job;
  job.id = "a";
  job.spec.test_front = true;
  NIWAKI_ASSERT_OK(engine_->CreateJob(job, now_));
  NIWAKI_ASSERT_OK(engine_->CancelJob("a", now_));

  EXPECT_THAT(engine_->GetJob("a.test"), StatusIs(absl::StatusCode::kNotFound, "a.test"));
}

TEST_F(JobEngineTestsTest, LeasesOfATestNameItsSplitAndItsScoresStayApart) {
  const int64_t uid = MakeScored("a", 2, /*test_front=*/false);
  NIWAKI_ASSERT_OK(engine_->TestFront("a", now_));
  ProposeFront("a", 2);

  const std::vector<LeaseGrant> grants = Lease("w", 10);
  ASSERT_THAT(grants, SizeIs(2));
  for (const LeaseGrant& grant : grants) {
    EXPECT_EQ(grant.job_id, "a.test");
    EXPECT_EQ(grant.evaluation.split, Split::kTest);
    EXPECT_EQ(grant.evaluation.evaluation_images, 0);
    EXPECT_EQ(Report("w", grant, Score{0.25, 0.5, 2, 840, 0}).verdict, Verdict::kAccepted);
  }

  EXPECT_EQ(GetJob("a.test").state, JobState::kSucceeded);
  // The search's scores are what they were, in rows and by key.
  EXPECT_EQ(Row(uid, 1).score->top1, 0.51);
  const Job tested = GetJob("a");
  const arch::SubnetId subnet = Row(uid, 1).subnet_id;
  EXPECT_EQ((*store_.FindScore({tested.scoring(), subnet}))->top1, 0.51);
  EXPECT_EQ((*store_.FindScore({TestScoringOf(tested), subnet}))->top1, 0.25);
}

TEST_F(JobEngineTestsTest, LaterSearchDoesNotMeetTestScores) {
  MakeScored("a", 2, /*test_front=*/false);
  NIWAKI_ASSERT_OK(engine_->TestFront("a", now_));
  ProposeFront("a", 2);
  for (const LeaseGrant& grant : Lease("w", 10)) Report("w", grant, Score{0.25, 0.5, 2, 840, 0});
  Commit();

  // The same networks: from the score table, and from the validation split.
  MakeJob("b", 2, "a");

  EXPECT_EQ(GetJob("b").counters.cached, 2);
  EXPECT_EQ(Row(GetJob("b").uid, 0).score->top1, 0.5);
}

TEST_F(JobEngineTestsTest, TestedTwiceIsTestedOnce) {
  MakeScored("a", 2, /*test_front=*/true);
  const int64_t uid = GetJob("a.test").uid;

  EXPECT_EQ(engine_->TestFront("a", now_)->uid, uid);
  ProposeFront("a", 2);
  for (const LeaseGrant& grant : Lease("w", 10)) Report("w", grant);
  ASSERT_EQ(GetJob("a.test").state, JobState::kSucceeded);

  EXPECT_EQ(engine_->TestFront("a", now_)->uid, uid);
}

TEST_F(JobEngineTestsTest, TestThatWasCancelledIsBegunAgainWithWhatIsKnown) {
  MakeScored("a", 2, /*test_front=*/true);
  ProposeFront("a", 2);
  Report("w", Lease("w", 1)[0]);
  NIWAKI_ASSERT_OK(engine_->CancelJob("a.test", now_));
  const int64_t cancelled = GetJob("a.test").uid;
  Commit();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Job again, engine_->TestFront("a", now_));
  Commit();
  Reload();
  ProposeFront("a", 2);

  EXPECT_GT(again.uid, cancelled);
  EXPECT_EQ(GetJob("a.test").uid, again.uid);
  EXPECT_EQ(GetJob("a.test").counters.cached, 1);
  EXPECT_FALSE(store_.FindJobByUid(cancelled)->has_value());
}

TEST_F(JobEngineTestsTest, OnlyTheFrontOfAnEndedSearchIsTested) {
  MakeJob("running", 2);
  EXPECT_THAT(engine_->TestFront("running", now_),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  NIWAKI_ASSERT_OK(engine_->CancelJob("running", now_));
  EXPECT_THAT(engine_->TestFront("running", now_),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no network on its front"));
  MakeScored("a", 1, /*test_front=*/true);
  EXPECT_THAT(engine_->TestFront("a.test", now_),
              StatusIs(absl::StatusCode::kInvalidArgument, "scores a front"));
  EXPECT_THAT(engine_->TestFront("x", now_),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobEngineTestsTest, TestGoesWithItsJob) {
  MakeScored("a", 1, /*test_front=*/true);
  Commit();
  EXPECT_THAT(engine_->DeleteJob("a", ""),
              StatusIs(absl::StatusCode::kFailedPrecondition, "cancel it first"));
  NIWAKI_ASSERT_OK(engine_->CancelJob("a.test", now_));

  NIWAKI_ASSERT_OK(engine_->DeleteJob("a", ""));
  Commit();

  EXPECT_THAT(engine_->GetJob("a.test"),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobEngineTestsTest, WorkerThatKnowsNoSplitsIsGivenNoTest) {
  MakeScored("a", 1, /*test_front=*/true);
  ProposeFront("a", 1);

  EXPECT_THAT(
      *engine_->Lease("old", kDefaultPrecision, 10, now_, WorkerAbilities{/*knows_split=*/false}),
      IsEmpty());
  EXPECT_THAT(*engine_->Lease("new", kDefaultPrecision, 10, now_), SizeIs(1));
}

TEST_F(JobEngineTestsTest, TestBeginsThoughAsManyJobsRunAsMay) {
  EngineOptions options;
  options.max_live_jobs = 1;
  engine_ = *JobEngine::Load(store_, options, now_);
  MakeScored("a", 1, /*test_front=*/true);
  EXPECT_EQ(GetJob("a.test").state, JobState::kQueued);
  NIWAKI_ASSERT_OK(engine_->CancelJob("a.test", now_));
  MakeJob("b", 1);

  EXPECT_THAT(engine_->TestFront("a", now_),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kQueueFull));
}

}  // namespace
}  // namespace niwaki::jobs
