#include "libs/jobs/job_spec.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/option.h"
#include "libs/search/range_cases.h"

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

TEST(JobSpecTest, GoodSpecIsValid) { NIWAKI_EXPECT_OK(ValidateJobSpec(Good())); }

TEST(JobSpecTest, ErrorsNameTheFieldAsWritten) {
  const double kNan = std::nan("");
  const std::vector<std::pair<std::string, std::function<void(JobSpec&)>>> cases = {
      {"spec.display_name", [](JobSpec& s) { s.display_name = std::string(201, 'x'); }},
      {"spec.supernet", [](JobSpec& s) { s.supernet = ""; }},
      {"spec.device", [](JobSpec& s) { s.device = ""; }},
      {"spec.objectives", [](JobSpec& s) { s.objectives = {}; }},
      {"spec.objectives[1]",
       [](JobSpec& s) {
         s.objectives = {Metric::kTop1, Metric::kTop1};
       }},
      {"spec.constraints[1].max", [](JobSpec& s) { s.constraints[1].max = 0; }},
      {"spec.unlimited[0]", [](JobSpec& s) { s.unlimited = {Metric::kLatencyUs}; }},
      {"spec.unlimited[0]", [](JobSpec& s) { s.unlimited = {Metric::kSramBytes}; }},
      {"spec.unlimited[1]",
       [](JobSpec& s) {
         s.unlimited = {Metric::kFlashBytes, Metric::kFlashBytes};
       }},
      {"spec.constraints[0].max", [=](JobSpec& s) { s.constraints[0].max = kNan; }},
      {"spec.constraints[1].metric", [](JobSpec& s) { s.constraints[1].metric = Metric::kTop1; }},
      {"spec.constraints[1].metric",
       [](JobSpec& s) { s.constraints[1].metric = Metric::kSramBytes; }},
      {"spec.objectives", [](JobSpec& s) { s.algorithm = search::EvolutionOptions(); }},
      {"spec.evolution.population",
       [](JobSpec& s) {
         s.objectives = {Metric::kTop1};
         search::EvolutionOptions options;
         options.population = 1;
         s.algorithm = options;
       }},
      {"spec.evolution.parent_ratio",
       [](JobSpec& s) {
         s.objectives = {Metric::kTop1};
         search::EvolutionOptions options;
         options.parent_ratio = 0;
         s.algorithm = options;
       }},
      {"spec.predictor_nsga2.initial",
       [](JobSpec& s) { s.algorithm = search::PredictorNsga2Options{7}; }},
      {"spec.predictor_nsga2.retrain_every",
       [](JobSpec& s) {
         s.algorithm = search::PredictorNsga2Options{8, 0};
       }},
      {"spec.predictor_nsga2.generations",
       [](JobSpec& s) {
         s.algorithm = search::PredictorNsga2Options{8, 1, 4, 1001};
       }},
      {"spec.predictor_nsga2.exploration",
       [](JobSpec& s) {
         s.algorithm = search::PredictorNsga2Options{8, 1, 4, 1, 1.5};
       }},
      {"spec.nsga2.population",
       [](JobSpec& s) {
         search::Nsga2Options options;
         options.population = 1;
         s.algorithm = options;
       }},
      {"spec.nsga2.mutation_probability",
       [=](JobSpec& s) {
         search::Nsga2Options options;
         options.mutation_probability = kNan;
         s.algorithm = options;
       }},
      {"spec.max_candidates", [](JobSpec& s) { s.max_candidates = 0; }},
      {"spec.max_candidates", [](JobSpec& s) { s.max_candidates = 1000001; }},
      {"spec.max_parallel", [](JobSpec& s) { s.max_parallel = 4097; }},
      {"spec.evaluation.data_digest", [](JobSpec& s) { s.evaluation.data_digest = "abc"; }},
      {"spec.evaluation.calibration_images",
       [](JobSpec& s) { s.evaluation.calibration_images = 0; }},
      {"spec.evaluation.evaluation_images",
       [](JobSpec& s) { s.evaluation.evaluation_images = -1; }},
      {"spec.evaluation.precision", [](JobSpec& s) { s.evaluation.precision = "cuda-f16"; }},
      {"spec.evaluation.precision", [](JobSpec& s) { s.evaluation.precision = ""; }},
  };

  for (const auto& [field, spoil] : cases) {
    JobSpec spec = Good();
    spoil(spec);
    const absl::Status status = ValidateJobSpec(spec);
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << field;
    EXPECT_EQ(GetErrorDetail(status)->field, field);
  }
}

TEST(JobSpecTest, DefaultsAreInTheirRanges) {
  const JobSpec spec;
  NIWAKI_EXPECT_OK(search::CheckOptions(spec, JobOptions(), ""));
  NIWAKI_EXPECT_OK(search::CheckOptions(spec.evaluation, EvaluationOptions(), ""));
  EXPECT_EQ(spec.max_candidates, 200);
  EXPECT_EQ(spec.max_parallel, 32);
  EXPECT_EQ(spec.evaluation.calibration_images, 512);
  EXPECT_EQ(spec.evaluation.evaluation_images, 0);
}

TEST(JobSpecTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  for (const auto& option : JobOptions()) {
    JobSpec spec = Good();
    for (const double value : search::CasesOf(option.range).accepted) {
      NIWAKI_ASSERT_OK(search::SetOption(spec, option, "f", value));
      NIWAKI_EXPECT_OK(ValidateJobSpec(spec));
    }
  }
  JobSpec spec = Good();
  spec.max_parallel = 4097;
  EXPECT_THAT(ValidateJobSpec(spec),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "spec.max_parallel is 4097; it must be a whole number from 1 to 4096"));
  spec = Good();
  search::Nsga2Options options;
  options.population = 10001;
  spec.algorithm = options;
  EXPECT_THAT(
      ValidateJobSpec(spec),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "spec.nsga2.population is 10001; it must be a whole number from 2 to 10000"));
}

TEST(JobSpecTest, JobIdsAreChecked) {
  for (const char* id :
       {"a", "job-1", "a23456789012345678901234567890123456789012345678901234567890123"}) {
    NIWAKI_EXPECT_OK(ValidateJobId(id));
  }
  for (const char* id : {"", "1a", "-a", "A", "a_b", "a/b", "\xff",
                         "a234567890123456789012345678901234567890123456789012345678901234"}) {
    EXPECT_FALSE(ValidateJobId(id).ok()) << id;
  }
}

}  // namespace
}  // namespace niwaki::jobs
