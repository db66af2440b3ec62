#include "libs/jobs/tested_front.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/job_spec.h"

namespace niwaki::jobs {
namespace {

Job EndedJob() {
  Job job;
  job.uid = 7;
  job.id = "kws";
  job.spec.display_name = "Keywords";
  job.spec.supernet = "kws";
  job.spec.device = "stm32f746";
  job.spec.evaluation.evaluation_images = 100;
  job.spec.evaluation.calibration_images = 64;
  job.spec.max_candidates = 200;
  job.spec.test_front = true;
  job.space_text = "space";
  job.supernet_digest = "supernet";
  job.state = JobState::kSucceeded;
  job.counters.front_size = 12;
  return job;
}

TEST(TestedFrontTest, TestJobScoresTheFrontOnAllOfTheTestSplit) {
  const Job job = TestJobOf(EndedJob());

  EXPECT_EQ(job.id, "kws.test");
  EXPECT_EQ(job.spec.max_candidates, 12);
  EXPECT_EQ(job.spec.tested_uid, 7);
  EXPECT_FALSE(job.spec.test_front);
  EXPECT_EQ(job.spec.evaluation.split, Split::kTest);
  EXPECT_EQ(job.spec.evaluation.evaluation_images, 0);
  EXPECT_EQ(job.spec.evaluation.calibration_images, 64);
  EXPECT_EQ(job.spec.display_name, "Keywords");
  EXPECT_EQ(job.space_text, "space");
  EXPECT_EQ(job.supernet_digest, "supernet");
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.counters, JobCounters());
}

TEST(TestedFrontTest, TestScoresHaveKeysOfTheirOwn) {
  const Job ended = EndedJob();

  EXPECT_FALSE(TestScoringOf(ended) == ended.scoring());
  EXPECT_EQ(TestScoringOf(ended), TestJobOf(ended).scoring());
}

TEST(TestedFrontTest, NumberOfValidationImagesDoesNotMatter) {
  Job other = EndedJob();
  other.spec.evaluation.evaluation_images = 0;

  EXPECT_EQ(TestScoringOf(other), TestScoringOf(EndedJob()));
}

TEST(TestedFrontTest, NobodyMayChooseTheIdOfSuchAJob) {
  EXPECT_THAT(ValidateJobId(TestJobId("kws")),
              StatusIs(absl::StatusCode::kInvalidArgument, "job_id"));
}

TEST(TestedFrontTest, SpecOfSuchAJobIsValidAndKept) {
  const JobSpec spec = TestJobOf(EndedJob()).spec;
  NIWAKI_EXPECT_OK(ValidateJobSpec(spec));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const JobSpec read, JobSpecFromJson(JobSpecToJson(spec)));

  EXPECT_EQ(read.evaluation, spec.evaluation);
  EXPECT_EQ(read.tested_uid, 7);
  EXPECT_FALSE(read.test_front);
}

}  // namespace
}  // namespace niwaki::jobs
