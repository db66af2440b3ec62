// How many networks a generation may have: the same for every algorithm with generations.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_POPULATION_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_POPULATION_H_

#include "libs/search/option.h"

namespace niwaki::search {

// A crossover and a tournament take two parents: with one there would be nothing to choose.
inline constexpr Range kPopulation = WholeNumber(2, 10000);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_POPULATION_H_
