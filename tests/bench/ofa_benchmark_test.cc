// OFA's own problem against figures that the reference implementation computed, and a search of it.
// The data lie in the folder that NIWAKI_SHARED names, under ofa.

#include "tests/bench/ofa_benchmark.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "tests/bench/ofa_problem.h"

namespace niwaki::bench {
namespace {

class OfaBenchmarkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* shared = std::getenv("NIWAKI_SHARED");
    ASSERT_NE(shared, nullptr)
        << "NIWAKI_SHARED is not set: it must name the folder that holds ofa";
    folder_ = absl::StrCat(shared, "/ofa");
    NIWAKI_ASSERT_OK_AND_ASSIGN(problem_, LoadOfaProblem(folder_));
  }

  std::string folder_;
  std::unique_ptr<const OfaProblem> problem_;
};

TEST_F(OfaBenchmarkTest, PredictionsAndLatenciesAreTheReferences) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::string text,
      ReadFile(absl::StrCat(folder_, "/vectors/tutorial_predictor_200.json")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json rows, ParseJson(text, "rows"));
  for (const Json& row : rows) {
    const Json form = {{"ks", row["ks"]}, {"e", row["e"]}, {"d", row["d"]}, {"r", row["r"]}};
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto subnet,
                                arch::SubnetFromJson(problem_->space, form.dump()));
    double top1 = 0;
    problem_->predictor->Predict({&subnet, 1}, {&top1, 1});
    EXPECT_NEAR(top1, row["predicted_top1_f64"].get<double>(), 1e-6);
    const double latency_us = 1000 * row["note10_latency_ms"].get<double>();
    EXPECT_NEAR(problem_->latency_us.CostOf(subnet), latency_us, 1e-12 * latency_us);
  }
}

TEST_F(OfaBenchmarkTest, ReferenceCountsFewerMacsThanThereAre) {
  for (const arch::Subnet& subnet :
       {arch::MinSubnet(problem_->space), arch::MaxSubnet(problem_->space)}) {
    const double ratio =
        problem_->reference_macs.CostOf(subnet) / problem_->true_macs.CostOf(subnet);
    EXPECT_GT(ratio, 0.83);
    EXPECT_LT(ratio, 0.95);
  }
}

TEST_F(OfaBenchmarkTest, ThreeSearchesBeatTheReferenceUnderEitherKindOfBudget) {
  for (const size_t budget : {2, 5}) {
    const OfaBudget& under = OfaBudgets()[budget];
    NIWAKI_ASSERT_OK_AND_ASSIGN(const OfaRuns runs, RunOfaBudget(*problem_, under, OfaEvolution(),
                                                                 kOfaEvaluations, /*seeds=*/3));
    EXPECT_GT(runs.mean, under.reference_mean) << under.name;
    EXPECT_LE(runs.limited_cost, under.max);
    EXPECT_EQ(runs.evaluations, kOfaEvaluations);
  }
}

TEST(OfaProblemTest, MissingFilesAreNamed) {
  EXPECT_THAT(LoadOfaProblem("/nowhere"),
              StatusIs(absl::StatusCode::kNotFound, "ofa_tutorial_acc_predictor.index.json"));
}

}  // namespace
}  // namespace niwaki::bench
