// Flags of search algorithms: --algorithm and one for every option of any of them, made from their
// tables (libs/search/algorithm.h).

#ifndef NIWAKI_SERVICES_CLI_INPUT_ALGORITHM_FLAGS_H_
#define NIWAKI_SERVICES_CLI_INPUT_ALGORITHM_FLAGS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/search/algorithm.h"

namespace niwaki::cli {

class AlgorithmFlags {
 public:
  // Adds the flags, their ranges and defaults in the help. This object must outlive `command`'s
  // parsing and not move.
  void AddTo(CLI::App& command);

  // The algorithm that was asked for, else evolution for one objective and nsga2 for several, with
  // what was set of its options. Evolution's resolution_mutation_probability is, unless it is set,
  // its mutation_probability: under limits that finds better networks than the default of a job.
  // InvalidArgument with reason ARGUMENT_INVALID naming the flag for a value out of range, an
  // option that the algorithm does not have, and more objectives than it takes.
  absl::StatusOr<search::Algorithm> Choose(int num_objectives) const;

 private:
  // "" for the default.
  std::string algorithm_;
  // By the option's name; "" where it is not set.
  std::map<std::string, std::string> values_;
};

// "--mutation-probability" of "mutation_probability".
std::string FlagOf(absl::string_view option);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_INPUT_ALGORITHM_FLAGS_H_
