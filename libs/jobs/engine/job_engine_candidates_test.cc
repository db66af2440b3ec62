// JobEngine: proposals, known scores and the end of a job.

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

using ::testing::IsEmpty;
using ::testing::SizeIs;

using JobEngineCandidatesTest = JobEngineTest;

TEST_F(JobEngineCandidatesTest, ScoredCandidatesEndTheJob) {
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

TEST_F(JobEngineCandidatesTest, KnownScoreCompletesACandidateAtOnce) {
  MakeJob("a", 2, "shared");
  for (const LeaseGrant& grant : Lease("w", 2)) Report("w", grant);

  const int64_t second = MakeJob("b", 2, "shared");

  EXPECT_EQ(GetJob("b").state, JobState::kSucceeded);
  EXPECT_EQ(GetJob("b").counters.cached, 2);
  EXPECT_TRUE(Row(second, 1).cached);
}

TEST_F(JobEngineCandidatesTest, TwoJobsWantingOneScoreGetItOnce) {
  MakeJob("a", 1, "shared");
  const int64_t second = MakeJob("b", 1, "shared");

  const std::vector<LeaseGrant> grants = Lease("w1", 10);
  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_THAT(Lease("w2", 10), IsEmpty());
  Report("w1", grants[0]);

  EXPECT_EQ(GetJob("b").state, JobState::kSucceeded);
  EXPECT_TRUE(Row(second, 0).cached);
}

TEST_F(JobEngineCandidatesTest, RepeatedProposalsAreSkipped) {
  const int64_t uid = MakeJob("a", 3);
  NIWAKI_ASSERT_OK(engine_->AddCandidates(uid, {MakeProposal(0, "other")}, now_));
  EXPECT_EQ(GetJob("a").counters.proposed, 3);
  EXPECT_EQ(Row(uid, 0).subnet_json, "a0");
}

TEST_F(JobEngineCandidatesTest, InfeasibleSlotsCountAsOutcomes) {
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

}  // namespace
}  // namespace niwaki::jobs
