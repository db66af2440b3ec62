// The stored form of JobSpec (job_spec.h).

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/job_spec.h"
#include "libs/search/algorithm.h"
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

TEST(JobSpecJsonTest, PinAndLiftedLimitsReadBack) {
  JobSpec spec = Good();
  EXPECT_EQ(JobSpecToJson(spec).find("unlimited"), std::string::npos);
  spec.unlimited = {search::Metric::kFlashBytes};
  spec.device_revision = "abc";
  spec.table_version = 41;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const JobSpec read, JobSpecFromJson(JobSpecToJson(spec)));

  EXPECT_EQ(read.unlimited, spec.unlimited);
  EXPECT_EQ(read.device_revision, "abc");
  EXPECT_EQ(read.table_version, 41);
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

TEST(JobSpecJsonTest, TestOfTheFrontReadsBack) {
  JobSpec spec = Good();
  spec.test_front = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(JobSpec read, JobSpecFromJson(JobSpecToJson(spec)));
  EXPECT_TRUE(read.test_front);
  EXPECT_EQ(read.evaluation.split, Split::kValidation);

  spec.test_front = false;
  spec.tested_uid = 7;
  spec.evaluation.split = Split::kTest;
  spec.evaluation.labels_by_name = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(read, JobSpecFromJson(JobSpecToJson(spec)));
  EXPECT_FALSE(read.test_front);
  EXPECT_EQ(read.tested_uid, 7);
  EXPECT_EQ(read.evaluation.split, Split::kTest);
  EXPECT_TRUE(read.evaluation.labels_by_name);

  Json json = Json::parse(JobSpecToJson(spec));
  json["evaluation"]["split"] = "train";
  EXPECT_THAT(JobSpecFromJson(json.dump()),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

// A spec with one number changed, as it is stored.
std::string Stored(const search::Algorithm& algorithm, const std::function<void(Json&)>& change) {
  JobSpec spec = Good();
  spec.algorithm = algorithm;
  Json json = Json::parse(JobSpecToJson(spec));
  change(json);
  return json.dump();
}

Json Number(const search::Option& option, double value) {
  if (option.range.whole) return static_cast<int64_t>(value);
  return value;
}

// Every option of the tables, through this door.
void ExpectEndsOf(const search::Option& option, const std::string& path,
                  const search::Algorithm& algorithm, const std::function<Json&(Json&)>& owner) {
  const auto read = [&](double value) {
    return JobSpecFromJson(Stored(algorithm, [&](Json& json) {
      owner(json)[std::string(option.name)] = Number(option, value);
    }));
  };
  for (const double value : search::CasesOf(option.range).accepted) {
    EXPECT_THAT(read(value), IsOk()) << path;
  }
  for (const double value : search::CasesOf(option.range).refused) {
    EXPECT_THAT(read(value), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
    EXPECT_THAT(read(value), StatusIs(absl::StatusCode::kDataLoss,
                                      absl::StrCat(path, " is ", search::NumberText(value),
                                                   "; it must be ", option.range.Text())));
  }
}

TEST(JobSpecJsonTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  for (const std::string& name : search::AlgorithmNames()) {
    const search::Algorithm algorithm = *search::AlgorithmByName(name);
    for (const search::Option& option : search::OptionsOf(algorithm)) {
      ExpectEndsOf(option, absl::StrCat("spec.", name, ".", option.name), algorithm,
                   [](Json& json) -> Json& { return json["algorithm"]; });
    }
  }
  for (const auto& option : JobOptions()) {
    ExpectEndsOf(option, absl::StrCat("spec.", option.name), search::RandomSearchOptions(),
                 [](Json& json) -> Json& { return json; });
  }
  for (const auto& option : EvaluationOptions()) {
    ExpectEndsOf(option, absl::StrCat("spec.evaluation.", option.name),
                 search::RandomSearchOptions(),
                 [](Json& json) -> Json& { return json["evaluation"]; });
  }
}

// As earlier versions stored them, at the ends of what they took.
TEST(JobSpecJsonTest, SpecsOfEarlierVersionsStillLoad) {
  const auto stored = [](const std::string& algorithm) {
    return absl::StrCat(
        R"({"display_name":"","supernet":"s","device":"d","objectives":["top1"],)"
        R"("constraints":[{"metric":"macs","max":1e6}],"algorithm":)",
        algorithm,
        R"(,"max_candidates":1000000,"max_parallel":4096,"seed":18446744073709551615,)"
        R"("evaluation":{"data_digest":"","calibration_images":1,"evaluation_images":0,)"
        R"("precision":"cpu-f32"}})");
  };
  // Evolution had no probability for the resolution.
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const JobSpec evolution,
      JobSpecFromJson(stored(R"({"name":"evolution","population":2,"parent_ratio":1.0,)"
                             R"("mutation_ratio":0.0,"mutation_probability":1e-9})")));
  const auto& options = std::get<search::EvolutionOptions>(evolution.algorithm);
  EXPECT_EQ(options.population, 2);
  EXPECT_EQ(options.mutation_probability, 1e-9);
  EXPECT_EQ(options.resolution_mutation_probability, 0.5);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const JobSpec nsga2,
      JobSpecFromJson(stored(R"({"name":"nsga2","population":10000,"crossover_probability":0.0,)"
                             R"("mutation_probability":1.0})")));
  EXPECT_EQ(std::get<search::Nsga2Options>(nsga2.algorithm).population, 10000);
  EXPECT_EQ(nsga2.seed, 0xFFFFFFFFFFFFFFFF);
  EXPECT_THAT(JobSpecFromJson(stored(R"({"name":"random"})")), IsOk());
  EXPECT_THAT(JobSpecFromJson(stored(R"({"name":"anneal"})")),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(JobSpecJsonTest, ProofReadsBackAndJobsOfBeforeProveNothing) {
  JobSpec spec = Good();
  EXPECT_EQ(JobSpecFromJson(JobSpecToJson(spec))->proof, ProofSpec());
  spec.proof.members = ProofMembers::kFront;
  spec.proof.extra_slots = 3;
  spec.proof.max_members = 4;
  spec.proof.where_possible = true;
  EXPECT_EQ(JobSpecFromJson(JobSpecToJson(spec))->proof, spec.proof);
  Json json = Json::parse(JobSpecToJson(spec));
  json["proof"]["members"] = "all";
  EXPECT_THAT(JobSpecFromJson(json.dump()),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  json["proof"]["members"] = "front";
  json["proof"]["extra_slots"] = kMaxExtraSlots + 1;
  EXPECT_THAT(JobSpecFromJson(json.dump()),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
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
