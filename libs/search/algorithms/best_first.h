// The order that NSGA-II selects by.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_BEST_FIRST_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_BEST_FIRST_H_

#include <vector>

#include "libs/search/algorithms/generation.h"

namespace niwaki::search {

// Indices of `members`, best first: front, then the less crowded on it, then slot.
std::vector<int> BestFirst(const std::vector<Member>& members);

// Keeps the best `count` of `members`, best first.
void KeepBest(int count, std::vector<Member>& members);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_BEST_FIRST_H_
