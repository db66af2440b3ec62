// MakeOptimizer: the optimizer of an algorithm.

#ifndef NIWAKI_LIBS_SEARCH_MAKE_OPTIMIZER_H_
#define NIWAKI_LIBS_SEARCH_MAKE_OPTIMIZER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/search/algorithm.h"
#include "libs/search/optimizer.h"

namespace niwaki::search {

struct OptimizerOptions {
  Algorithm algorithm;
  // 1 to kMaxObjectives.
  int num_objectives = 1;
  uint64_t seed = 1;
};

// `space` must outlive the optimizer. InvalidArgument with reason ARGUMENT_INVALID names the
// option, its value and its range; evolution takes one objective only.
absl::StatusOr<std::unique_ptr<Optimizer>> MakeOptimizer(const arch::SearchSpace& space,
                                                         const OptimizerOptions& options);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_MAKE_OPTIMIZER_H_
