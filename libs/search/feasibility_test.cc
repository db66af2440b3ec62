#include "libs/search/feasibility.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/search/table_scorer.h"

namespace niwaki::search {
namespace {

class FeasibilityTest : public testing::Test {
 protected:
  FeasibilityTest()
      : space_(*arch::CatalogueSpace("mcunet")), table_(space_, 1), other_(space_, 2) {}

  // MACs by one table, SRAM by another; what is within every limit costs at least 100.
  CostFunction Costs() {
    return [this](absl::Span<const arch::Subnet> subnets) -> absl::StatusOr<std::vector<Metrics>> {
      EXPECT_LE(subnets.size(), 256u);
      asked_ += subnets.size();
      std::vector<Metrics> metrics(subnets.size());
      for (size_t i = 0; i < subnets.size(); ++i) {
        metrics[i].macs = 100 + 1000 * table_.Cost(subnets[i]);
        metrics[i].sram_bytes = 100 + 1000 * other_.Cost(subnets[i]);
      }
      return metrics;
    };
  }
  Feasibility Assess(const std::vector<Constraint>& constraints) {
    auto result = AssessFeasibility(space_, constraints, Costs(), FeasibilityOptions());
    EXPECT_THAT(result, IsOk());
    return *std::move(result);
  }

  const arch::SearchSpace space_;
  const TableScorer table_;
  const TableScorer other_;
  size_t asked_ = 0;
};

TEST_F(FeasibilityTest, EverythingFitsWithoutLimits) {
  const Feasibility result = Assess({});

  EXPECT_EQ(result.feasible_share, 1.0);
  EXPECT_TRUE(result.possible);
  EXPECT_THAT(CheckPossible(result), IsOk());
}

TEST_F(FeasibilityTest, ShareIsThatOfTheSpace) {
  const std::vector<Constraint> constraints = {{Metric::kMacs, 560}, {Metric::kSramBytes, 600}};
  Random random(77);
  int fitting = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space_, random);
    fitting += 100 + 1000 * table_.Cost(subnet) <= 560 && 100 + 1000 * other_.Cost(subnet) <= 600;
  }

  const Feasibility result = Assess(constraints);

  EXPECT_NEAR(result.feasible_share, static_cast<double>(fitting) / kDraws, 0.06);
  EXPECT_TRUE(result.possible);
  EXPECT_TRUE(result.violations.empty());
  EXPECT_EQ(asked_, 1000u);
}

TEST_F(FeasibilityTest, FindsWhatUniformSamplesMiss) {
  const Feasibility result = Assess({{Metric::kMacs, 110}, {Metric::kSramBytes, 110}});

  EXPECT_EQ(result.feasible_share, 0.0);
  EXPECT_TRUE(result.possible);
  EXPECT_FALSE(
      FirstViolation({{Metric::kMacs, 110}, {Metric::kSramBytes, 110}}, result.nearest_metrics)
          .has_value());
}

TEST_F(FeasibilityTest, ImpossibleBudgetNamesTheNearestCorner) {
  const Feasibility result =
      Assess({{Metric::kFlashBytes, 1e9}, {Metric::kSramBytes, 50}, {Metric::kMacs, 90}});
  EXPECT_FALSE(result.possible);

  const Feasibility two = Assess({{Metric::kSramBytes, 50}, {Metric::kMacs, 120}});

  EXPECT_FALSE(two.possible);
  EXPECT_EQ(two.nearest, arch::MinSubnet(space_));
  ASSERT_EQ(two.violations.size(), 1u);
  EXPECT_EQ(two.violations[0].metric, Metric::kSramBytes);
  EXPECT_EQ(two.violations[0].value, 100);
  const absl::Status status = CheckPossible(two);
  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_EQ(GetErrorDetail(status)->field, "constraints[0].max");
  EXPECT_EQ(GetErrorDetail(status)->value, "50 B");
  EXPECT_EQ(GetErrorDetail(status)->limit, "100 B");
}

TEST_F(FeasibilityTest, LimitsAreShownWithTheirUnits) {
  Feasibility result;
  result.violations = {{0, Metric::kLatencyUs, 10712, 10000},
                       {1, Metric::kSramBytes, 65536, 512},
                       {2, Metric::kMacs, 65536900, 1000}};

  EXPECT_THAT(CheckPossible(result),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "the nearest one has latency 10.712 ms over 10 ms, SRAM 64 kB over 512 B, "
                       "MACs 65.5369 M over 1000"));
}

TEST_F(FeasibilityTest, DescendsWhereSmallestIsNotNearest) {
  // Cost that is least at a hidden corner, far from both the smallest and the largest subnet.
  const auto costs =
      [this](absl::Span<const arch::Subnet> subnets) -> absl::StatusOr<std::vector<Metrics>> {
    std::vector<Metrics> metrics(subnets.size());
    for (size_t i = 0; i < subnets.size(); ++i) {
      double macs = 10;
      for (size_t gene = 0; gene < 9; ++gene) {
        const int middle = (space_.gene_sizes()[gene] - 1) / 2;
        macs += std::fabs(subnets[i].genes[gene] - middle);
      }
      metrics[i].macs = macs;
    }
    return metrics;
  };

  const auto reachable =
      AssessFeasibility(space_, {{Metric::kMacs, 10}}, costs, FeasibilityOptions());
  const auto impossible =
      AssessFeasibility(space_, {{Metric::kMacs, 9}}, costs, FeasibilityOptions());

  ASSERT_THAT(reachable, IsOk());
  EXPECT_TRUE(reachable->possible);
  ASSERT_THAT(impossible, IsOk());
  EXPECT_FALSE(impossible->possible);
  EXPECT_EQ(impossible->violations[0].value, 10);
}

TEST_F(FeasibilityTest, PassesErrorsOfTheCostsOn) {
  const auto broken = [](absl::Span<const arch::Subnet>) -> absl::StatusOr<std::vector<Metrics>> {
    return absl::UnavailableError("oracle is down");
  };
  const auto short_of_one =
      [](absl::Span<const arch::Subnet> subnets) -> absl::StatusOr<std::vector<Metrics>> {
    return std::vector<Metrics>(subnets.size() - 1);
  };

  EXPECT_THAT(AssessFeasibility(space_, {}, broken, FeasibilityOptions()),
              StatusIs(absl::StatusCode::kUnavailable, "oracle is down"));
  EXPECT_THAT(AssessFeasibility(space_, {}, short_of_one, FeasibilityOptions()),
              StatusIs(absl::StatusCode::kInternal, "asked the costs of 256"));
}

}  // namespace
}  // namespace niwaki::search
