#include "services/cli/show/job_watch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/status_matchers.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::cli {
namespace {

v1::Job Ended(int64_t scored, int64_t failed) {
  v1::Job job;
  job.set_name("jobs/a.test");
  job.set_state(v1::JOB_STATE_SUCCEEDED);
  job.mutable_spec()->set_max_candidates(scored + failed);
  job.mutable_progress()->set_scored(scored);
  job.mutable_progress()->set_failed(failed);
  return job;
}

TEST(TestOutcomeTest, TestThatScoredNothingIsAnError) {
  const absl::Status status = TestOutcome(Ended(0, 7), "no examples");

  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kInternal,
                       "jobs/a.test: no network has a score on the test split: no examples"));
  EXPECT_EQ(GetErrorDetail(status)->limit, "7");
}

TEST(TestOutcomeTest, OneScoreIsAResult) {
  NIWAKI_EXPECT_OK(TestOutcome(Ended(1, 6), "no examples"));
  NIWAKI_EXPECT_OK(TestOutcome(Ended(7, 0), ""));
}

TEST(JobOutcomeTest, JobsThatDidNotSucceedSayWhy) {
  v1::Job job = Ended(0, 1);
  NIWAKI_EXPECT_OK(JobOutcome(job));
  job.set_state(v1::JOB_STATE_FAILED);
  job.set_state_reason("device 'x' has changed");

  EXPECT_THAT(JobOutcome(job),
              StatusIs(absl::StatusCode::kInternal, "FAILED: device 'x' has changed"));
}

}  // namespace
}  // namespace niwaki::cli
