#include "services/coordinator/convert.h"

#include <google/protobuf/message.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobfile/spec_fields.h"
#include "libs/jobs/job_spec.h"
#include "libs/search/algorithm.h"
#include "libs/search/option.h"
#include "libs/search/range_cases.h"

namespace niwaki::coordinator {
namespace {

using ::testing::Eq;

v1::JobSpec FullSpec() {
  v1::JobSpec spec;
  spec.set_display_name("name");
  spec.set_supernet("supernets/s");
  spec.set_device("devices/d");
  spec.add_objectives(v1::METRIC_LOSS);
  v1::Constraint& constraint = *spec.add_constraints();
  constraint.set_metric(v1::METRIC_PARAMS);
  constraint.set_max(12.5);
  spec.set_max_candidates(3);
  spec.set_max_parallel(2);
  spec.set_seed(0);
  spec.mutable_evaluation()->set_data_digest(std::string(64, 'a'));
  spec.mutable_evaluation()->set_calibration_images(4);
  spec.mutable_evaluation()->set_evaluation_images(5);
  spec.mutable_evaluation()->set_precision("cuda-bf16");
  spec.mutable_evaluation()->set_split(v1::SPLIT_VALIDATION);
  spec.set_test_front(true);
  spec.mutable_proof()->set_members(v1::PROOF_MEMBERS_FRONT);
  spec.mutable_proof()->set_extra_slots(3);
  spec.mutable_proof()->set_max_members(4);
  spec.mutable_proof()->set_where_possible(true);
  return spec;
}

TEST(ConvertTest, NamesAreTakenApart) {
  EXPECT_THAT(IdFromName("jobs/a-1", "jobs", "name"), IsOkAndHolds(Eq("a-1")));
  for (const char* name : {"", "jobs", "jobs/", "a-1", "job/a", "jobs/a/b", "/jobs/a"}) {
    const absl::Status status = IdFromName(name, "jobs", "parent").status();
    EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(GetErrorDetail(status)->field, "parent");
  }
}

TEST(ConvertTest, IdsThatTheCoordinatorMakesAreNames) {
  const std::string longest(63, 'a');
  EXPECT_THAT(IdFromName("jobs/" + longest, "jobs", "name"), IsOkAndHolds(Eq(longest)));
  EXPECT_THAT(IdFromName("jobs/" + longest + ".test", "jobs", "name"),
              IsOkAndHolds(Eq(longest + ".test")));
  EXPECT_FALSE(IdFromName("jobs/a" + longest, "jobs", "name").ok());
  EXPECT_FALSE(IdFromName("devices/" + longest + ".test", "devices", "name").ok());
}

TEST(ConvertTest, WhatOnlyTheCoordinatorMakesIsRefused) {
  v1::JobSpec spec = FullSpec();
  spec.set_tested_job("jobs/a");
  EXPECT_EQ(GetErrorDetail(JobSpecFromProto(spec).status())->field, "spec.tested_job");

  spec = FullSpec();
  spec.mutable_evaluation()->set_split(static_cast<v1::Split>(9));
  EXPECT_EQ(GetErrorDetail(JobSpecFromProto(spec).status())->field, "spec.evaluation.split");
  // Read, so that it can be refused for what it is.
  spec.mutable_evaluation()->set_split(v1::SPLIT_TEST);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const jobs::JobSpec read, JobSpecFromProto(spec));
  EXPECT_EQ(GetErrorDetail(jobs::ValidateJobSpec(read))->field, "spec.evaluation.split");
}

TEST(ConvertTest, JobThatTestsNamesTheTestedOne) {
  jobs::Job job;
  job.id = "kws.test";
  job.spec.tested_uid = 7;
  job.spec.evaluation.split = jobs::Split::kTest;

  EXPECT_EQ(ToProto(job).spec().tested_job(), "jobs/kws");
  EXPECT_EQ(ToProto(job).spec().evaluation().split(), v1::SPLIT_TEST);
}

TEST(ConvertTest, MetricsHaveTheSameOrderOnBothSides) {
  for (const search::Metric metric : search::kAllMetrics) {
    std::string name = v1::Metric_Name(ToProto(metric));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(name, "metric_" + std::string(search::MetricName(metric)));
    EXPECT_THAT(MetricFromProto(ToProto(metric), "f"), IsOkAndHolds(Eq(metric)));
  }
  EXPECT_FALSE(MetricFromProto(v1::METRIC_UNSPECIFIED, "f").ok());
  EXPECT_FALSE(MetricFromProto(10, "f").ok());
  EXPECT_FALSE(MetricFromProto(-1, "f").ok());
}

TEST(ConvertTest, SpecReadsBackForEveryAlgorithm) {
  for (int i = 0; i < 4; ++i) {
    v1::JobSpec spec = FullSpec();
    if (i == 0) spec.mutable_random();
    if (i == 1) {
      spec.mutable_evolution()->set_population(7);
      spec.mutable_evolution()->set_parent_ratio(0.5);
      spec.mutable_evolution()->set_mutation_ratio(0);
      spec.mutable_evolution()->set_mutation_probability(0.25);
      spec.mutable_evolution()->set_resolution_mutation_probability(0.125);
    }
    if (i == 2) {
      spec.mutable_nsga2()->set_population(8);
      spec.mutable_nsga2()->set_crossover_probability(0);
      spec.mutable_nsga2()->set_mutation_probability(0.5);
    }
    if (i == 3) {
      spec.mutable_predictor_nsga2()->set_initial(9);
      spec.mutable_predictor_nsga2()->set_retrain_every(3);
      spec.mutable_predictor_nsga2()->set_population(20);
      spec.mutable_predictor_nsga2()->set_generations(5);
      spec.mutable_predictor_nsga2()->set_exploration(0);
      spec.mutable_predictor_nsga2()->set_mutation_probability(0.5);
    }
    NIWAKI_ASSERT_OK_AND_ASSIGN(const jobs::JobSpec read, JobSpecFromProto(spec));
    EXPECT_EQ(ToProto(read).SerializeAsString(), spec.SerializeAsString());
  }
}

TEST(ConvertTest, UnsetOptionsAreTheDefaults) {
  v1::JobSpec spec;
  spec.set_supernet("supernets/s");
  spec.set_device("devices/d");
  const jobs::JobSpec defaults;
  NIWAKI_ASSERT_OK_AND_ASSIGN(jobs::JobSpec read, JobSpecFromProto(spec));

  EXPECT_EQ(read.max_candidates, defaults.max_candidates);
  EXPECT_EQ(read.max_parallel, defaults.max_parallel);
  EXPECT_EQ(read.seed, defaults.seed);
  EXPECT_EQ(read.evaluation, defaults.evaluation);
  EXPECT_EQ(read.objectives, defaults.objectives);
  EXPECT_EQ(search::AlgorithmName(read.algorithm), search::AlgorithmName(defaults.algorithm));
  for (const std::string& name : search::AlgorithmNames()) {
    jobfile::MutableAlgorithm(name, spec);
    NIWAKI_ASSERT_OK_AND_ASSIGN(read, JobSpecFromProto(spec));
    const search::Algorithm algorithm = *search::AlgorithmByName(name);
    EXPECT_EQ(search::AlgorithmName(read.algorithm), name);
    for (const search::Option& option : search::OptionsOf(algorithm)) {
      EXPECT_EQ(search::OptionValue(read.algorithm, option.name),
                search::OptionValue(algorithm, option.name))
          << name << " " << option.name;
    }
  }
}

// Every option of the tables, through this door.
void ExpectEndsOf(const search::Option& option, const std::string& path, const v1::JobSpec& spec,
                  const std::function<google::protobuf::Message&(v1::JobSpec&)>& owner) {
  const auto read = [&](double value) {
    v1::JobSpec changed = spec;
    jobfile::SetNumber(option.name, value, owner(changed));
    return JobSpecFromProto(changed);
  };
  for (const double value : search::CasesOf(option.range).accepted) {
    const auto accepted = read(value);
    ASSERT_THAT(accepted, IsOk()) << path;
    NIWAKI_EXPECT_OK(jobs::ValidateJobSpec(*accepted));
  }
  for (const double value : search::CasesOf(option.range).refused) {
    const absl::Status status = read(value).status();
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_EQ(status.message(), absl::StrCat(path, " is ", search::NumberText(value),
                                             "; it must be ", option.range.Text()));
    EXPECT_EQ(GetErrorDetail(status)->field, path);
  }
}

TEST(ConvertTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  const v1::JobSpec spec = FullSpec();
  for (const std::string& name : search::AlgorithmNames()) {
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      ExpectEndsOf(option, absl::StrCat("spec.", name, ".", option.name), spec,
                   [&](v1::JobSpec& changed) -> google::protobuf::Message& {
                     return jobfile::MutableAlgorithm(name, changed);
                   });
    }
  }
  for (const auto& option : jobs::JobOptions()) {
    ExpectEndsOf(option, absl::StrCat("spec.", option.name), spec,
                 [](v1::JobSpec& changed) -> google::protobuf::Message& { return changed; });
  }
  for (const auto& option : jobs::EvaluationOptions()) {
    ExpectEndsOf(option, absl::StrCat("spec.evaluation.", option.name), spec,
                 [](v1::JobSpec& changed) -> google::protobuf::Message& {
                   return *changed.mutable_evaluation();
                 });
  }
}

TEST(ConvertTest, UnsetPrecisionIsTheCpus) {
  v1::JobSpec spec = FullSpec();
  spec.mutable_evaluation()->clear_precision();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const jobs::JobSpec read, JobSpecFromProto(spec));

  EXPECT_EQ(read.evaluation.precision, "cpu-f32");
  EXPECT_EQ(ToProto(read).evaluation().precision(), "cpu-f32");
}

TEST(ConvertTest, StatesHaveTheSameNumbersOnBothSides) {
  for (int i = 1; i <= 6; ++i) {
    EXPECT_EQ(v1::JobState_Name(static_cast<v1::JobState>(i)),
              "JOB_STATE_" + std::string(jobs::JobStateName(static_cast<jobs::JobState>(i))));
  }
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(v1::CandidateState_Name(static_cast<v1::CandidateState>(i)),
              "CANDIDATE_STATE_" +
                  std::string(jobs::CandidateStateName(static_cast<jobs::CandidateState>(i))));
  }
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(
        v1::WorkerState_Name(static_cast<v1::WorkerState>(i)),
        "WORKER_STATE_" + std::string(jobs::WorkerStateName(static_cast<jobs::WorkerState>(i))));
  }
  for (int i = 1; i <= 7; ++i) {
    EXPECT_EQ(v1::ProofState_Name(static_cast<v1::ProofState>(i)),
              "PROOF_STATE_" + std::string(jobs::ProofStateName(static_cast<jobs::ProofState>(i))));
  }
  EXPECT_EQ(static_cast<int>(jobs::LeaseTask::kProve), v1::LEASE_TASK_PROVE);
  EXPECT_EQ(static_cast<int>(jobs::ProofMembers::kNone), v1::PROOF_MEMBERS_NONE);
  EXPECT_EQ(static_cast<int>(jobs::Verdict::kAccepted), v1::VERDICT_ACCEPTED);
  EXPECT_EQ(static_cast<int>(jobs::Verdict::kDuplicate), v1::VERDICT_DUPLICATE);
  EXPECT_EQ(static_cast<int>(jobs::Verdict::kConflict), v1::VERDICT_CONFLICT);
  EXPECT_EQ(static_cast<int>(jobs::Verdict::kLateRecorded), v1::VERDICT_LATE_RECORDED);
  EXPECT_EQ(static_cast<int>(jobs::Verdict::kRejected), v1::VERDICT_REJECTED);
}

TEST(ConvertTest, ProofGoesOutWithFiguresBesideTheCost) {
  jobs::Candidate candidate;
  candidate.state = jobs::CandidateState::kScored;
  candidate.proof = jobs::Proof();
  candidate.proof->state = jobs::ProofState::kProven;
  candidate.proof->network = jobs::Int8Network{"digest", 1, "key", jobs::Score{0.5, 1, 0, 10, 2},
                                               jobs::Score{0.25, 1, 0, 20, 3}};
  candidate.proof->figures = jobs::BoardFigures();
  candidate.proof->figures->board = "seven";
  candidate.proof->figures->provenance = cost::Provenance::kMeasured;
  candidate.proof->figures->unit = "cycles";
  candidate.proof->figures->clock_hz = 1000000;
  candidate.proof->figures->count = candidate.proof->figures->count_low = 400;
  candidate.proof->figures->count_high = 500;
  const v1::Proof proof = ToProto("job", candidate).proof();
  EXPECT_EQ(proof.state(), v1::PROOF_STATE_PROVEN);
  EXPECT_EQ(proof.int8_digest(), "digest");
  EXPECT_EQ(proof.int8_test_score().images(), 20);
  EXPECT_EQ(proof.figures().board(), "boards/seven");
  EXPECT_EQ(proof.figures().latency_us().value(), 400);
  EXPECT_EQ(proof.figures().latency_us().provenance(), v1::PROVENANCE_MEASURED);
  candidate.proof->figures->provenance = cost::Provenance::kEmulated;
  EXPECT_FALSE(ToProto("job", candidate).proof().figures().has_latency_us());
}

TEST(ConvertTest, ProgressOfProofsIsThereOnceTheyHaveBegun) {
  jobs::Job job;
  job.counters.proof = {1, 2, 3, 4, 5, 6, 7};
  EXPECT_FALSE(ToProto(job).progress().has_proof());
  job.proof_round = 2;
  job.extra_slots = 8;
  job.proof_board = "core/cortex-m7";
  const v1::ProofProgress proof = ToProto(job).progress().proof();
  EXPECT_EQ(proof.pending(), 1);
  EXPECT_EQ(proof.refused(), 6);
  EXPECT_EQ(proof.failed(), 7);
  EXPECT_EQ(proof.extra_slots(), 8);
  EXPECT_EQ(proof.board(), "core/cortex-m7");
}

TEST(ConvertTest, JobThatSaysNothingOfProofsProvesItsBestWherePossible) {
  v1::JobSpec spec = FullSpec();
  spec.clear_proof();
  EXPECT_EQ(JobSpecFromProto(spec)->proof.members, jobs::ProofMembers::kBest);
  EXPECT_TRUE(JobSpecFromProto(spec)->proof.where_possible);
  spec.mutable_proof();
  EXPECT_EQ(JobSpecFromProto(spec)->proof.members, jobs::ProofMembers::kBest);
  EXPECT_FALSE(JobSpecFromProto(spec)->proof.where_possible);
}

TEST(ConvertTest, UnknownFigureOfACandidateIsAbsent) {
  jobs::Candidate candidate;
  candidate.state = jobs::CandidateState::kPending;
  candidate.cost.latency_us = cost::Figure::Of(5, 4, 6, cost::Provenance::kMeasured);

  const v1::Candidate message = ToProto("job", candidate);

  EXPECT_EQ(message.cost().latency_us().provenance(), v1::PROVENANCE_MEASURED);
  EXPECT_FALSE(message.cost().has_energy_mj());
}

TEST(ConvertTest, TimesOfAWorkerAreUnsetWhereThereAreNone) {
  jobs::WorkerInfo worker;
  worker.name = "w";
  worker.load = {3, 1};
  const v1::Worker unseen = ToProto(worker);
  EXPECT_EQ(unseen.name(), "workers/w");
  EXPECT_EQ(unseen.held(), 3);
  EXPECT_EQ(unseen.running(), 1);
  EXPECT_FALSE(unseen.has_last_seen_time());
  EXPECT_FALSE(unseen.has_drain_time());

  worker.last_seen = absl::FromUnixSeconds(7);
  worker.drain_time = absl::FromUnixSeconds(8);
  EXPECT_EQ(ToProto(worker).last_seen_time().seconds(), 7);
  EXPECT_EQ(ToProto(worker).drain_time().seconds(), 8);
}

TEST(ConvertTest, TimesReadBack) {
  EXPECT_EQ(DurationFromProto(ToProto(absl::Milliseconds(1500))), absl::Milliseconds(1500));
  EXPECT_EQ(ToProto(absl::FromUnixMillis(1500)).seconds(), 1);
  EXPECT_EQ(ToProto(absl::FromUnixMillis(1500)).nanos(), 500000000);
}

}  // namespace
}  // namespace niwaki::coordinator
