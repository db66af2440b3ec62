// How fast a search runs when scoring costs nothing, for the project's benchmark runner: optimizer,
// duplicates and slot order through SlotScheduler, with a table as scorer.

#ifndef NIWAKI_LIBS_SEARCH_SEARCH_BENCHMARK_H_
#define NIWAKI_LIBS_SEARCH_SEARCH_BENCHMARK_H_

#include <cstdint>
#include <vector>

#include "libs/arch/space.h"
#include "libs/search/algorithm.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

struct TableSearchOptions {
  Algorithm algorithm;
  // 1: the loss. 2: the loss and the cost.
  int num_objectives = 1;
  uint64_t seed = 1;
  uint64_t table_seed = 1;
  int64_t slots = 50'000;
  int64_t lag = 16;
  // Subnets that cost more are refused; costs lie in 0..1.
  double max_cost = 1.0;
};

struct TableSearchResult {
  // Wall time of the search.
  double seconds = 0;
  int64_t scored = 0;
  int64_t infeasible = 0;
  int64_t duplicates = 0;
  // The objectives of every scored slot, in slot order.
  std::vector<Objectives> objectives;
};

// Runs a whole search to its end in the calling thread. `options` must be valid.
TableSearchResult RunTableSearch(const arch::SearchSpace& space, const TableSearchOptions& options);

// Seconds for 500 generations of 100 on `mcunet`: evolution on the loss, NSGA-II on loss and cost.
double EvolutionSeconds();
double Nsga2Seconds();

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_SEARCH_BENCHMARK_H_
