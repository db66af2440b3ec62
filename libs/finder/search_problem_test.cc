#include "libs/finder/search_problem.h"

#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/status_matchers.h"

namespace niwaki::finder {
namespace {

using search::Metric;
using ::testing::ElementsAre;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

class SearchProblemTest : public ::testing::Test {
 protected:
  SearchProblemTest() : space_(*arch::CatalogueSpace("kws")), subnet_(arch::MaxSubnet(space_)) {}

  const arch::SearchSpace space_;
  const arch::Subnet subnet_;
};

TEST_F(SearchProblemTest, ParametersAreCountedOnlyWhereTheyAreWanted) {
  const arch::Graph graph = arch::BuildGraph(space_, subnet_);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto plain, CostsByTables(space_, {}, /*with_params=*/false));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto both, CostsByTables(space_, {}, /*with_params=*/true));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto without, plain({&subnet_, 1}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto with, both({&subnet_, 1}));
  EXPECT_FALSE(without[0].params.has_value());
  EXPECT_EQ(*with[0].params, arch::CountParams(graph));
  EXPECT_EQ(*without[0].macs, arch::CountMacs(graph));
  EXPECT_EQ(*with[0].macs, arch::CountMacs(graph));
}

TEST_F(SearchProblemTest, MacsStandInForLatency) {
  EXPECT_THAT(DefaultObjectives(/*has_latency=*/true),
              ElementsAre(Metric::kTop1, Metric::kLatencyUs));
  EXPECT_THAT(DefaultObjectives(/*has_latency=*/false), ElementsAre(Metric::kTop1, Metric::kMacs));
}

TEST_F(SearchProblemTest, NumberOfObjectivesChoosesTheAlgorithm) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm one, AlgorithmNamed("", 1, 0));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm two, AlgorithmNamed("", 2, 0));

  ASSERT_TRUE(std::holds_alternative<search::EvolutionOptions>(one));
  const auto& evolution = std::get<search::EvolutionOptions>(one);
  EXPECT_EQ(evolution.resolution_mutation_probability, evolution.mutation_probability);
  EXPECT_EQ(evolution.population, search::EvolutionOptions().population);
  EXPECT_TRUE(std::holds_alternative<search::Nsga2Options>(two));
}

TEST_F(SearchProblemTest, NameAndPopulationAreTakenAsTheyAre) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm named, AlgorithmNamed("nsga2", 1, 40));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const search::Algorithm random, AlgorithmNamed("random", 2, 40));

  ASSERT_TRUE(std::holds_alternative<search::Nsga2Options>(named));
  EXPECT_EQ(std::get<search::Nsga2Options>(named).population, 40);
  EXPECT_TRUE(std::holds_alternative<search::RandomSearchOptions>(random));
  EXPECT_THAT(AlgorithmNamed("luck", 1, 0), StatusIs(kInvalid, "algorithm is luck; it must be"));
}

TEST_F(SearchProblemTest, MetricThatNothingKnowsIsToldBeforehand) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto costs, CostsByTables(space_, {}, /*with_params=*/false));
  search::InProcessOptions options;
  options.objectives = {Metric::kTop1, Metric::kMacs};
  NIWAKI_EXPECT_OK(CheckMetricsKnown(space_, options, costs));

  options.constraints = {{Metric::kSramBytes, 1000}};

  EXPECT_THAT(CheckMetricsKnown(space_, options, costs),
              StatusIs(kInvalid, "metric is sram_bytes"));
  options.constraints.clear();
  options.objectives = {Metric::kLoss};
  EXPECT_THAT(CheckMetricsKnown(space_, options, costs), StatusIs(kInvalid, "metric is loss"));
}

}  // namespace
}  // namespace niwaki::finder
