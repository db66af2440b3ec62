// Algorithm: which algorithm searches, and with which options; and its options by name, for those
// who read and write them.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHM_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHM_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/search/algorithms/evolution.h"
#include "libs/search/algorithms/nsga2.h"
#include "libs/search/algorithms/predictor_nsga2.h"
#include "libs/search/algorithms/random_search.h"
#include "libs/search/option.h"

namespace niwaki::search {

using Algorithm =
    std::variant<RandomSearchOptions, EvolutionOptions, Nsga2Options, PredictorNsga2Options>;

// "random", "evolution", "nsga2", "predictor_nsga2": in messages, job files and stored jobs.
absl::string_view AlgorithmName(const Algorithm& algorithm);
// All of them, in this order.
std::vector<std::string> AlgorithmNames();
// The algorithm of that name with its defaults; nullopt for an unknown name.
std::optional<Algorithm> AlgorithmByName(absl::string_view name);

// The options of the algorithm, in the order of its table.
std::vector<Option> OptionsOf(const Algorithm& algorithm);
// The value of an option; ends the process for a name that OptionsOf does not give.
double OptionValue(const Algorithm& algorithm, absl::string_view name);
// Sets an option. InvalidArgument with reason ARGUMENT_INVALID, naming `field`, the value and the
// limit, for a value out of the option's range; ends the process for an unknown name.
absl::Status SetAlgorithmOption(Algorithm& algorithm, absl::string_view name,
                                absl::string_view field, double value);

// The range check of every option; the error's field is `prefix`, the algorithm's name, '.' and the
// option's name: "spec.nsga2.population".
absl::Status CheckAlgorithm(const Algorithm& algorithm, absl::string_view prefix);
// InvalidArgument with reason ARGUMENT_INVALID, naming `field`, unless the algorithm takes
// `num_objectives`: 1 to kMaxObjectives, evolution one only.
absl::Status CheckNumObjectives(const Algorithm& algorithm, int num_objectives,
                                absl::string_view field);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHM_H_
