#include "libs/search/in_process_search.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

class InProcessSearchTest : public ::testing::Test {
 protected:
  InProcessSearchTest() : space_(*arch::CatalogueSpace("mcunet")), table_(space_, 3) {
    options_.algorithm = EvolutionOptions{20};
    options_.objectives = {Metric::kTop1};
    options_.constraints = {{Metric::kMacs, 1.4}};
    options_.evaluations = 500;
  }

  absl::StatusOr<InProcessResult> Run(const GoOn& go_on = [](int64_t) { return true; }) {
    return SearchInProcess(
        space_, options_,
        [this](absl::Span<const arch::Subnet> subnets) {
          std::vector<Metrics> metrics(subnets.size());
          for (size_t i = 0; i < subnets.size(); ++i) metrics[i].macs = 1 + table_.Cost(subnets[i]);
          return metrics;
        },
        [this](absl::Span<const arch::Subnet> subnets, absl::Span<Metrics> metrics) {
          largest_batch_ = std::max(largest_batch_, subnets.size());
          for (size_t i = 0; i < subnets.size(); ++i) {
            metrics[i].top1 = 1 - table_.Loss(subnets[i]);
          }
          return absl::OkStatus();
        },
        go_on);
  }

  const arch::SearchSpace space_;
  const TableScorer table_;
  InProcessOptions options_;
  size_t largest_batch_ = 0;
};

TEST_F(InProcessSearchTest, EvaluatesDistinctNetworksWithinLimitsInBatches) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const InProcessResult result, Run());

  std::set<std::string> distinct;
  double best = 0;
  for (const EvaluatedSubnet& one : result.evaluated) {
    distinct.insert(arch::ToJson(space_, one.subnet));
    EXPECT_LE(*one.metrics.macs, 1.4);
    best = std::max(best, *one.metrics.top1);
  }
  EXPECT_EQ(result.evaluated.size(), 500u);
  EXPECT_EQ(distinct.size(), 500u);
  EXPECT_EQ(largest_batch_, 20u);
  ASSERT_EQ(result.front.size(), 1u);
  EXPECT_EQ(*result.evaluated[result.front[0]].metrics.top1, best);
  EXPECT_FALSE(result.interrupted);
}

TEST_F(InProcessSearchTest, EqualArgumentsGiveEqualSearches) {
  for (const Algorithm& algorithm : {Algorithm(RandomSearchOptions{}), Algorithm(Nsga2Options{20}),
                                     Algorithm(PredictorNsga2Options{})}) {
    options_.algorithm = algorithm;
    options_.objectives = {Metric::kTop1, Metric::kMacs};
    options_.evaluations = 200;
    NIWAKI_ASSERT_OK_AND_ASSIGN(const InProcessResult one, Run());
    NIWAKI_ASSERT_OK_AND_ASSIGN(const InProcessResult other, Run());
    EXPECT_EQ(one.front, other.front);
    ASSERT_EQ(one.evaluated.size(), other.evaluated.size());
    for (size_t i = 0; i < one.evaluated.size(); ++i) {
      EXPECT_EQ(one.evaluated[i].subnet, other.evaluated[i].subnet);
    }
    EXPECT_GT(one.front.size(), 1u);
  }
}

TEST_F(InProcessSearchTest, ImpossibleLimitsAreAnErrorThatNamesTheNearest) {
  options_.constraints = {{Metric::kMacs, 0.9}};
  EXPECT_THAT(Run(),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
}

TEST(InProcessSearchSmallTest, ExhaustedSpaceEndsTheSearch) {
  // 27 networks.
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(R"(
    name: "tiny" input_channels: 3 num_classes: 10
    resolutions { value: 32 } width_mults: [0.5, 0.75, 1.0]
    stem { width: 8 kernel_size: 3 stride: 2 activation: ACTIVATION_RELU6 }
    stages { width: 16 stride: 1 depths: [1] kernel_sizes: [3, 5, 7] expand_ratios: [3, 4, 6] }
    head {}
  )");
  const TableScorer table(space, 3);
  for (const Algorithm& algorithm : {Algorithm(EvolutionOptions{20}), Algorithm(Nsga2Options{20}),
                                     Algorithm(PredictorNsga2Options{})}) {
    InProcessOptions options;
    options.algorithm = algorithm;
    options.objectives = {Metric::kTop1};
    options.evaluations = 1'000'000;

    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const InProcessResult result,
        SearchInProcess(
            space, options,
            [](absl::Span<const arch::Subnet> subnets) {
              return std::vector<Metrics>(subnets.size());
            },
            [&](absl::Span<const arch::Subnet> subnets, absl::Span<Metrics> metrics) {
              for (size_t i = 0; i < subnets.size(); ++i) {
                metrics[i].top1 = 1 - table.Loss(subnets[i]);
              }
              return absl::OkStatus();
            },
            [](int64_t) { return true; }));

    EXPECT_EQ(result.evaluated.size(), 27u);
    EXPECT_GT(result.infeasible, 0);
    EXPECT_FALSE(result.interrupted);
  }
}

TEST_F(InProcessSearchTest, InterruptedSearchGivesWhatItHas) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const InProcessResult result,
                              Run([](int64_t evaluated) { return evaluated < 100; }));
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(result.evaluated.size(), 100u);
  EXPECT_EQ(result.front.size(), 1u);
}

TEST_F(InProcessSearchTest, AbsentMetricsAreErrors) {
  options_.objectives = {Metric::kLatencyUs};
  EXPECT_THAT(Run(), HasReason(absl::StatusCode::kInvalidArgument, reason::kScoreNotFinite));
}

}  // namespace
}  // namespace niwaki::search
