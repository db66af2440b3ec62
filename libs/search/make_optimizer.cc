#include "libs/search/make_optimizer.h"

#include <variant>

#include "libs/base/status_macros.h"

namespace niwaki::search {
namespace {

std::unique_ptr<Optimizer> Make(const arch::SearchSpace& space, const RandomSearchOptions&, int,
                                uint64_t seed) {
  return std::make_unique<RandomSearch>(space, seed);
}

std::unique_ptr<Optimizer> Make(const arch::SearchSpace& space, const EvolutionOptions& options,
                                int, uint64_t seed) {
  return std::make_unique<Evolution>(space, options, seed);
}

std::unique_ptr<Optimizer> Make(const arch::SearchSpace& space, const Nsga2Options& options,
                                int num_objectives, uint64_t seed) {
  return std::make_unique<Nsga2>(space, options, num_objectives, seed);
}

std::unique_ptr<Optimizer> Make(const arch::SearchSpace& space,
                                const PredictorNsga2Options& options, int num_objectives,
                                uint64_t seed) {
  return std::make_unique<PredictorNsga2>(space, options, num_objectives, seed);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Optimizer>> MakeOptimizer(const arch::SearchSpace& space,
                                                         const OptimizerOptions& options) {
  NIWAKI_RETURN_IF_ERROR(
      CheckNumObjectives(options.algorithm, options.num_objectives, "num_objectives"));
  NIWAKI_RETURN_IF_ERROR(CheckAlgorithm(options.algorithm, /*prefix=*/""));
  return std::visit(
      [&](const auto& algorithm) {
        return Make(space, algorithm, options.num_objectives, options.seed);
      },
      options.algorithm);
}

}  // namespace niwaki::search
