#include "libs/search/search_benchmark.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"

namespace niwaki::search {
namespace {

TableSearchOptions Small() {
  Nsga2Options nsga2;
  nsga2.population = 10;
  TableSearchOptions options;
  options.algorithm = nsga2;
  options.num_objectives = 2;
  options.slots = 120;
  return options;
}

TEST(SearchBenchmarkTest, EverySlotIsDecided) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");

  const TableSearchResult result = RunTableSearch(space, Small());

  EXPECT_EQ(result.scored, 120);
  EXPECT_EQ(result.infeasible, 0);
  EXPECT_EQ(result.objectives.size(), 120);
  EXPECT_THAT(result.objectives, testing::Each(testing::SizeIs(2)));
}

TEST(SearchBenchmarkTest, SearchesAreRepeatable) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  TableSearchOptions other = Small();
  other.seed = 2;

  const TableSearchResult once = RunTableSearch(space, Small());

  EXPECT_EQ(RunTableSearch(space, Small()).objectives, once.objectives);
  EXPECT_NE(RunTableSearch(space, other).objectives, once.objectives);
}

TEST(SearchBenchmarkTest, NothingBeyondTheLimitIsScored) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  for (const Algorithm& algorithm :
       {Algorithm(RandomSearchOptions()), Small().algorithm, Algorithm(PredictorNsga2Options())}) {
    TableSearchOptions options = Small();
    options.algorithm = algorithm;
    options.max_cost = 0.4;

    const TableSearchResult result = RunTableSearch(space, options);

    EXPECT_EQ(result.scored + result.infeasible, 120);
    EXPECT_GT(result.scored, 0);
    for (const Objectives& objectives : result.objectives) EXPECT_LE(objectives[1], 0.4);
  }
}

}  // namespace
}  // namespace niwaki::search
