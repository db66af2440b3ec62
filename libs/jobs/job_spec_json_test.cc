// The stored form of JobSpec (job_spec.h).

#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/job_spec.h"

namespace niwaki::jobs {
namespace {

using search::Metric;

JobSpec Good() {
  JobSpec spec;
  spec.display_name = "kws on \"f746\"";
  spec.supernet = "kws";
  spec.device = "stm32f746";
  spec.constraints = {{Metric::kSramBytes, 65536}, {Metric::kLatencyUs, 100000.5}};
  spec.seed = 0xFFFFFFFFFFFFFFFF;
  spec.evaluation.data_digest = std::string(64, 'a');
  return spec;
}

TEST(JobSpecJsonTest, StoredFormReadsBack) {
  JobSpec spec = Good();
  for (int i = 0; i < 4; ++i) {
    if (i == 1) spec.algorithm = search::RandomSearchOptions();
    if (i == 2) spec.algorithm = search::EvolutionOptions{17, 0.3, 0.1, 0.7, 0.2};
    if (i == 3) spec.algorithm = search::PredictorNsga2Options{9, 3, 20, 5, 0.2, 0.3};
    spec.evaluation.precision = i % 2 == 0 ? kCpuF32 : kCudaBf16;
    const std::string json = JobSpecToJson(spec);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const JobSpec read, JobSpecFromJson(json));

    EXPECT_EQ(JobSpecToJson(read), json);
    EXPECT_EQ(read.seed, spec.seed);
    EXPECT_EQ(read.constraints[1].max, 100000.5);
    EXPECT_EQ(read.algorithm.index(), spec.algorithm.index());
    EXPECT_EQ(read.evaluation, spec.evaluation);
  }
}

// What is stored must still be read by every later version; each had a precision.
TEST(JobSpecJsonTest, StoredFormKeepsItsNames) {
  constexpr char kStored[] =
      R"({"display_name":"","supernet":"s","device":"d","objectives":["top1","latency_us"],)"
      R"("constraints":[],"algorithm":{"name":"random"},"max_candidates":200,"max_parallel":32,)"
      R"("seed":1,"evaluation":{"data_digest":"","calibration_images":512,)"
      R"("evaluation_images":0,"precision":"cpu-f32"}})";

  NIWAKI_ASSERT_OK_AND_ASSIGN(const JobSpec read, JobSpecFromJson(kStored));

  EXPECT_EQ(read.evaluation.precision, kCpuF32);
  EXPECT_EQ(JobSpecToJson(read), kStored);
}

TEST(JobSpecJsonTest, DamagedStoredFormIsDataLoss) {
  const std::string json = JobSpecToJson(Good());
  for (size_t length = 0; length < json.size(); length += 7) {
    EXPECT_THAT(JobSpecFromJson(json.substr(0, length)),
                HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  }
  EXPECT_THAT(JobSpecFromJson("[]"), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(JobSpecFromJson("{\"display_name\":3}"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

}  // namespace
}  // namespace niwaki::jobs
