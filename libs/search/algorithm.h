// Algorithm: which algorithm searches, and with which options.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHM_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHM_H_

#include <variant>

#include "libs/search/algorithms/evolution.h"
#include "libs/search/algorithms/nsga2.h"
#include "libs/search/algorithms/predictor_nsga2.h"
#include "libs/search/algorithms/random_search.h"

namespace niwaki::search {

using Algorithm =
    std::variant<RandomSearchOptions, EvolutionOptions, Nsga2Options, PredictorNsga2Options>;

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHM_H_
