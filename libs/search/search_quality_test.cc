// Whether the algorithms are worth having: on a synthetic scorer they must beat random search at
// the same number of scored subnets, for every seed.

#include <algorithm>

#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/search/front/hypervolume.h"
#include "libs/search/search_benchmark.h"

namespace niwaki::search {
namespace {

constexpr int kSeeds = 8;
constexpr int64_t kSlots = 1000;

TableSearchOptions OptionsOf(const Algorithm& algorithm, int num_objectives, uint64_t seed,
                             double max_cost) {
  TableSearchOptions options;
  options.algorithm = algorithm;
  options.num_objectives = num_objectives;
  options.seed = seed;
  options.table_seed = 100 + seed;
  options.slots = kSlots;
  options.max_cost = max_cost;
  return options;
}

double BestLoss(const TableSearchResult& result) {
  double best = 1e9;
  for (const Objectives& objectives : result.objectives) best = std::min(best, objectives[0]);
  return best;
}

TEST(SearchQualityTest, EvolutionBeatsRandomSearch) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  for (const double max_cost : {1.0, 0.4}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const auto random =
          RunTableSearch(space, OptionsOf(RandomSearchOptions{}, 1, seed, max_cost));
      const auto evolution =
          RunTableSearch(space, OptionsOf(EvolutionOptions{}, 1, seed, max_cost));
      EXPECT_LT(BestLoss(evolution), 0.9 * BestLoss(random))
          << "seed " << seed << " max_cost " << max_cost << ": " << BestLoss(evolution) << " vs "
          << BestLoss(random);
    }
  }
}

TEST(SearchQualityTest, Nsga2BeatsRandomSearch) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  const Objectives reference = {1.0, 1.0};
  for (const double max_cost : {1.0, 0.4}) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const auto random =
          RunTableSearch(space, OptionsOf(RandomSearchOptions{}, 2, seed, max_cost));
      const auto nsga2 = RunTableSearch(space, OptionsOf(Nsga2Options{}, 2, seed, max_cost));
      const double random_volume = Hypervolume(random.objectives, reference);
      const double nsga2_volume = Hypervolume(nsga2.objectives, reference);
      EXPECT_GT(nsga2_volume, 1.05 * random_volume)
          << "seed " << seed << " max_cost " << max_cost << ": " << nsga2_volume << " vs "
          << random_volume;
    }
  }
}

// Slots until the hypervolume of `result` reaches `volume`; all of them when it never does.
int64_t SlotsToReach(const TableSearchResult& result, const Objectives& reference, double volume) {
  for (size_t count = 10; count < result.objectives.size(); count += 10) {
    if (Hypervolume(absl::MakeConstSpan(result.objectives).first(count), reference) >= volume) {
      return static_cast<int64_t>(count);
    }
  }
  return static_cast<int64_t>(result.objectives.size());
}

// Its searches on the predictor take some seconds each.
constexpr uint64_t kPredictorSeeds = 4;

// Where NSGA-II is after 1000 scores the predictor is after 165 in the mean of 16 (100 to 340).
TEST(SearchQualityTest, PredictorNeedsFarFewerScoresThanNsga2) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  const Objectives reference = {1.0, 1.0};
  int64_t all_needed = 0;
  int searches = 0;
  for (const double max_cost : {1.0, 0.4}) {
    for (uint64_t seed = 1; seed <= kPredictorSeeds; ++seed) {
      const auto nsga2 = RunTableSearch(space, OptionsOf(Nsga2Options{}, 2, seed, max_cost));
      TableSearchOptions options = OptionsOf(PredictorNsga2Options{}, 2, seed, max_cost);
      options.slots = 2 * kSlots / 5;
      const auto predictor = RunTableSearch(space, options);
      const double volume = Hypervolume(nsga2.objectives, reference);
      const int64_t needed = SlotsToReach(predictor, reference, volume);
      EXPECT_LT(needed, options.slots) << "seed " << seed << " max_cost " << max_cost;
      all_needed += needed;
      ++searches;
    }
  }
  EXPECT_LT(all_needed, searches * kSlots / 4);
}

TEST(SearchQualityTest, PredictorFindsTheBestWithinALimit) {
  const arch::SearchSpace space = *arch::CatalogueSpace("mcunet");
  for (uint64_t seed = 1; seed <= kPredictorSeeds; ++seed) {
    TableSearchOptions options = OptionsOf(PredictorNsga2Options{}, 1, seed, 0.4);
    options.slots = kSlots / 3;
    const auto predictor = RunTableSearch(space, options);
    const auto evolution = RunTableSearch(space, OptionsOf(EvolutionOptions{}, 1, seed, 0.4));
    EXPECT_LE(BestLoss(predictor), BestLoss(evolution)) << "seed " << seed;
    // The predictor keeps away from what does not fit.
    EXPECT_EQ(predictor.infeasible, 0) << "seed " << seed;
  }
}

}  // namespace
}  // namespace niwaki::search
