#include "libs/jobfile/job_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/jobs/job_spec.h"
#include "libs/search/algorithm.h"
#include "libs/search/option.h"
#include "libs/search/range_cases.h"

namespace niwaki::jobfile {
namespace {

using ::testing::ElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr char kHead[] = "supernet: kws\ndevice: stm32f746\n";

constexpr char kFull[] = R"(name: keywords-on-f746
supernet: kws
device: stm32f746
objectives: [top1, latency]
constraints: {sram: 64kB, flash: 256kB, latency: 100ms, energy_mj: 5, macs: 5M, params: 200k}
algorithm: {nsga2: {population: 40, crossover_probability: 0.5}}
max_candidates: 200
max_parallel: 16
seed: 18446744073709551615
evaluation: {calibration_images: 512, evaluation_images: 100, precision: cuda-bf16}
)";

TEST(JobFileTest, FullFileBecomesSpec) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec, ParseJobSpec(kFull, "job.yaml"));

  EXPECT_EQ(spec.display_name(), "keywords-on-f746");
  EXPECT_EQ(spec.supernet(), "supernets/kws");
  EXPECT_EQ(spec.device(), "devices/stm32f746");
  EXPECT_THAT(spec.objectives(), ElementsAre(v1::METRIC_TOP1, v1::METRIC_LATENCY_US));
  ASSERT_EQ(spec.constraints_size(), 6);
  EXPECT_EQ(spec.constraints(0).metric(), v1::METRIC_SRAM_BYTES);
  EXPECT_EQ(spec.constraints(0).max(), 65536);
  EXPECT_EQ(spec.constraints(2).max(), 100000);
  EXPECT_EQ(spec.constraints(3).max(), 5);
  EXPECT_EQ(spec.constraints(4).max(), 5e6);
  EXPECT_EQ(spec.nsga2().population(), 40);
  EXPECT_EQ(spec.nsga2().crossover_probability(), 0.5);
  EXPECT_FALSE(spec.nsga2().has_mutation_probability());
  EXPECT_EQ(spec.max_candidates(), 200);
  EXPECT_EQ(spec.max_parallel(), 16);
  EXPECT_EQ(spec.seed(), 18446744073709551615u);
  EXPECT_EQ(spec.evaluation().evaluation_images(), 100);
  EXPECT_EQ(spec.evaluation().precision(), "cuda-bf16");
}

TEST(JobFileTest, MemoryOfTheDeviceIsNoLimitWhereTheFileSaysNone) {
  const auto parse = [](const std::string& constraints) {
    return ParseJobSpec(absl::StrCat(kHead, "constraints: ", constraints, "\n"), "job.yaml");
  };

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::JobSpec spec,
                              parse("{sram: none, flash_bytes: none, latency: 1ms}"));

  EXPECT_THAT(spec.unlimited(), ElementsAre(v1::METRIC_SRAM_BYTES, v1::METRIC_FLASH_BYTES));
  EXPECT_EQ(spec.constraints_size(), 1);
  EXPECT_THAT(parse("{latency: none}"), StatusIs(kInvalid, "none"));
  EXPECT_THAT(parse("{sram: none, sram_bytes: none}"), StatusIs(kInvalid, "twice"));
}

TEST(JobFileTest, ShortestFileLeavesDefaultsUnset) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const v1::JobSpec spec,
      ParseJobSpec(R"({"supernet": "supernets/kws", "device": "devices/stm32f746"})", "j.json"));

  EXPECT_EQ(spec.supernet(), "supernets/kws");
  EXPECT_EQ(spec.algorithm_case(), v1::JobSpec::ALGORITHM_NOT_SET);
  EXPECT_FALSE(spec.has_seed());
  EXPECT_FALSE(spec.has_evaluation());
}

TEST(JobFileTest, TestOfTheFrontIsAskedFor) {
  const std::string head = kHead;
  EXPECT_FALSE(ParseJobSpec(head, "job.yaml")->test_front());
  EXPECT_FALSE(ParseJobSpec(head + "test_front: false\n", "job.yaml")->test_front());
  EXPECT_TRUE(ParseJobSpec(head + "test_front: true\n", "job.yaml")->test_front());
  EXPECT_TRUE(ParseJobSpec(R"({"supernet":"kws","device":"stm32f746","test_front":true})", "-")
                  ->test_front());

  const absl::Status status = ParseJobSpec(head + "test_front: 1\n", "job.yaml").status();
  EXPECT_THAT(status, HasReason(kInvalid, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, "test_front");
}

TEST(JobFileTest, AlgorithmMayBeItsName) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(v1::JobSpec spec,
                              ParseJobSpec(absl::StrCat(kHead, "algorithm: random\n"), "f"));
  EXPECT_TRUE(spec.has_random());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      spec,
      ParseJobSpec(absl::StrCat(kHead, "objectives: [top1]\n", "algorithm: {evolution: }\n"), "f"));
  EXPECT_TRUE(spec.has_evolution());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const v1::JobSpec predictor,
      ParseJobSpec(absl::StrCat(kHead,
                                "algorithm: {predictor_nsga2: {initial: 64, retrain_every: 8,"
                                " exploration: 0}}\n"),
                   "f"));
  EXPECT_EQ(predictor.predictor_nsga2().initial(), 64);
  EXPECT_EQ(predictor.predictor_nsga2().retrain_every(), 8);
  EXPECT_TRUE(predictor.predictor_nsga2().has_exploration());
}

TEST(JobFileTest, UnknownFieldNamesLineAndSuggests) {
  const auto spec = ParseJobSpec(absl::StrCat(kHead, "objectivs: [top1]\n"), "job.yaml");

  EXPECT_THAT(spec, StatusIs(kInvalid,
                             "job.yaml:3: unknown field 'objectivs'; did you mean "
                             "'objectives'?"));
  const auto detail = GetErrorDetail(spec.status());
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->field, "objectivs");
  EXPECT_THAT(detail->limit, ::testing::HasSubstr("max_candidates"));
}

TEST(JobFileTest, NestedErrorNamesPathValueAndLimit) {
  const auto spec =
      ParseJobSpec(absl::StrCat(kHead, "algorithm:\n  nsga2:\n    population: 1\n"), "job.yaml");

  EXPECT_THAT(spec, HasReason(kInvalid, reason::kArgumentInvalid));
  const auto detail = GetErrorDetail(spec.status());
  EXPECT_EQ(detail->field, "algorithm.nsga2.population");
  EXPECT_EQ(detail->value, "1");
  EXPECT_EQ(detail->limit, "a whole number from 2 to 10000");
  EXPECT_THAT(spec, StatusIs(kInvalid, "job.yaml:5: algorithm.nsga2.population is 1; it must be "));
}

TEST(JobFileTest, UnknownPrecisionNamesTheKnownOnes) {
  const auto spec =
      ParseJobSpec(absl::StrCat(kHead, "evaluation: {precision: cuda-bf32}\n"), "job.yaml");

  ASSERT_THAT(spec, HasReason(kInvalid, reason::kArgumentInvalid));
  const auto detail = GetErrorDetail(spec.status());
  EXPECT_EQ(detail->value, "cuda-bf32");
  EXPECT_THAT(detail->limit,
              ::testing::AllOf(::testing::HasSubstr("cpu-f32"), ::testing::HasSubstr("cuda-bf16")));
}

TEST(JobFileTest, WrongInputIsRefusedWithItsField) {
  const struct {
    const char* text;
    const char* field;
  } kCases[] = {
      {"max_candidates: many", "max_candidates"},
      {"max_candidates: 0", "max_candidates"},
      {"max_candidates: -1", "max_candidates"},
      {"max_candidates: 2.0", "max_candidates"},
      {"max_candidates: '200'", "max_candidates"},
      {"max_candidates: 99999999999999999999999", "max_candidates"},
      {"max_candidates: [1]", "max_candidates"},
      {"max_parallel: 4097", "max_parallel"},
      {"seed: -1", "seed"},
      {"seed: 18446744073709551616", "seed"},
      {"objectives: top1", "objectives"},
      {"objectives: []", "objectives"},
      {"objectives: [top1, top1]", "objectives[1]"},
      {"objectives: [top1, latncy]", "objectives[1]"},
      {"objectives: [top1, top5, loss, macs, params]", "objectives"},
      {"objectives: [{top1: 1}]", "objectives[0]"},
      {"constraints: [sram]", "constraints"},
      {"constraints: {ram: 64kB}", "constraints.ram"},
      {"constraints: {top1: 0.9}", "constraints.top1"},
      {"constraints: {sram: 64 cows}", "constraints.sram"},
      {"constraints: {sram: 0}", "constraints.sram"},
      {"constraints: {sram: -5}", "constraints.sram"},
      {"constraints: {sram: nan}", "constraints.sram"},
      {"constraints: {sram: 64kB, sram_bytes: 1}", "constraints.sram_bytes"},
      {"constraints: {latency: 64kB}", "constraints.latency"},
      {"constraints: {macs: 1e400}", "constraints.macs"},
      {"algorithm: anneal", "algorithm"},
      {"algorithm: {}", "algorithm"},
      {"algorithm: {random: {}, nsga2: {}}", "algorithm"},
      {"algorithm: {random: {population: 4}}", "algorithm.random.population"},
      {"algorithm: {nsga2: 40}", "algorithm.nsga2"},
      {"algorithm: {nsga2: {mutation_probability: .nan}}", "algorithm.nsga2.mutation_probability"},
      {"algorithm: {evolution: {parent_ratio: 1.5}}", "algorithm.evolution.parent_ratio"},
      {"algorithm: {evolution: {parent_ratio: 0}}", "algorithm.evolution.parent_ratio"},
      {"algorithm: {predictor_nsga2: {initial: 7}}", "algorithm.predictor_nsga2.initial"},
      {"algorithm: {predictor_nsga2: {retrain: 7}}", "algorithm.predictor_nsga2.retrain"},
      {"evaluation: {calibration_images: 0}", "evaluation.calibration_images"},
      {"evaluation: {data: abc}", "evaluation.data"},
      {"evaluation: {precision: cuda}", "evaluation.precision"},
      {"evaluation: {precision: [cpu-f32]}", "evaluation.precision"},
      {"name: [a]", "name"},
  };
  for (const auto& c : kCases) {
    const auto spec = ParseJobSpec(absl::StrCat(kHead, c.text, "\n"), "f");
    ASSERT_THAT(spec, HasReason(kInvalid, reason::kArgumentInvalid)) << c.text;
    EXPECT_EQ(GetErrorDetail(spec.status())->field, c.field) << c.text;
    EXPECT_NE(GetErrorDetail(spec.status())->limit, "") << c.text;
  }
}

TEST(JobFileTest, NamesOfResourcesAreChecked) {
  EXPECT_THAT(ParseJobSpec("device: stm32f746\n", "f"), StatusIs(kInvalid, "supernet"));
  EXPECT_THAT(ParseJobSpec("supernet: kws\n", "f"), StatusIs(kInvalid, "device"));
  for (const char* name : {"''", "Kws", "../kws", "supernets/", "a b", "jobs/x"}) {
    EXPECT_THAT(ParseJobSpec(absl::StrCat("supernet: ", name, "\ndevice: d\n"), "f"),
                StatusIs(kInvalid, "supernet"))
        << name;
  }
}

TEST(JobFileTest, DocumentsThatAreNoMapAreRefused) {
  for (const char* text : {"just text", "[1, 2]", "~", "42"}) {
    EXPECT_THAT(ParseJobSpec(text, "f"), StatusIs(kInvalid, "must be a map")) << text;
  }
}

// Every option of the tables, through this door.
void ExpectEndsOf(const search::Option& option, const std::string& before,
                  const std::string& after) {
  const auto read = [&](double value) {
    return ParseJobSpec(
        absl::StrCat(kHead, before, option.name, ": ", search::NumberText(value), after, "\n"),
        "f");
  };
  for (const double value : search::CasesOf(option.range).accepted) {
    EXPECT_THAT(read(value), IsOk()) << option.name;
  }
  for (const double value : search::CasesOf(option.range).refused) {
    EXPECT_THAT(read(value),
                StatusIs(kInvalid, absl::StrCat(option.name, " is ", search::NumberText(value),
                                                "; it must be ", option.range.Text())));
  }
}

TEST(JobFileTest, EveryOptionTakesItsEndsAndNothingBeyond) {
  for (const std::string& name : search::AlgorithmNames()) {
    for (const search::Option& option : search::OptionsOf(*search::AlgorithmByName(name))) {
      ExpectEndsOf(option, absl::StrCat("objectives: [top1]\nalgorithm: {", name, ": {"), "}}");
    }
  }
  for (const auto& option : jobs::JobOptions()) ExpectEndsOf(option, "", "");
  for (const auto& option : jobs::EvaluationOptions()) ExpectEndsOf(option, "evaluation: {", "}");
}

TEST(JobFileTest, EvolutionWantsOneObjectiveThatIsWritten) {
  constexpr char kMessage[] =
      "f:4: algorithm: evolution takes one objective, not 2; use nsga2 for several";
  EXPECT_THAT(
      ParseJobSpec(absl::StrCat(kHead, "objectives: [top1, macs]\nalgorithm: evolution\n"), "f"),
      StatusIs(kInvalid, kMessage));
  // Two are the default.
  EXPECT_THAT(ParseJobSpec(absl::StrCat(kHead, "seed: 3\nalgorithm: {evolution: {}}\n"), "f"),
              StatusIs(kInvalid, kMessage));
}

TEST(JobFileTest, LongestDisplayNameIsThatOfJobs) {
  const auto read = [](size_t length) {
    return ParseJobSpec(absl::StrCat(kHead, "name: ", std::string(length, 'x'), "\n"), "f");
  };
  EXPECT_THAT(read(jobs::kMaxDisplayName), IsOk());
  EXPECT_THAT(read(jobs::kMaxDisplayName + 1), StatusIs(kInvalid, "f:3: name: is too long"));
}

TEST(JobFileTest, MissingFieldIsMissedAtTheFilesBegin) {
  EXPECT_THAT(ParseJobSpec("\n\ndevice: d\n", "f"),
              StatusIs(kInvalid, "f:3: supernet: is required"));
}

TEST(JobFileTest, ProofIsANameOrAMap) {
  const std::string head = "supernet: kws\ndevice: stm32f746\n";
  EXPECT_FALSE(ParseJobSpec(head, "job.yaml")->has_proof());
  EXPECT_EQ(ParseJobSpec(head + "proof: none\n", "job.yaml")->proof().members(),
            v1::PROOF_MEMBERS_NONE);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const v1::JobSpec spec,
      ParseJobSpec(head + "proof: {members: front, max_members: 3, extra_slots: 0}\n", "job.yaml"));
  EXPECT_EQ(spec.proof().members(), v1::PROOF_MEMBERS_FRONT);
  EXPECT_EQ(spec.proof().max_members(), 3);
  EXPECT_TRUE(spec.proof().has_extra_slots());
  EXPECT_EQ(spec.proof().extra_slots(), 0);
  // What is written is waited for.
  EXPECT_FALSE(spec.proof().where_possible());
  for (const char* wrong : {"proof: all\n", "proof: {extra_slots: 1001}\n",
                            "proof: {max_members: 2}\n", "proof: {slots: 1}\n"}) {
    const absl::Status status = ParseJobSpec(head + wrong, "job.yaml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
  }
}

}  // namespace
}  // namespace niwaki::jobfile
