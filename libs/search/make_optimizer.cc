#include "libs/search/make_optimizer.h"

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {
namespace {

constexpr int kMinPopulation = 2;
constexpr int kMaxPopulation = 10000;

// OK when low <= value <= high; NaN is out of every range.
absl::Status CheckRange(absl::string_view field, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  const std::string limit = absl::StrCat(low, " to ", high);
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " is ", value, "; it must be ", limit));
}

absl::Status CheckAlgorithm(const RandomSearchOptions&, int num_objectives) {
  return CheckRange("num_objectives", num_objectives, 1, kMaxObjectives);
}

absl::Status CheckAlgorithm(const EvolutionOptions& options, int num_objectives) {
  if (num_objectives != 1) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("num_objectives")
        .Value(num_objectives)
        .Limit(1)
        .Message(absl::StrCat("evolution takes one objective, not ", num_objectives,
                              "; use nsga2 for several"));
  }
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("evolution.population", options.population, kMinPopulation, kMaxPopulation));
  NIWAKI_RETURN_IF_ERROR(CheckRange("evolution.parent_ratio", options.parent_ratio, 0, 1));
  NIWAKI_RETURN_IF_ERROR(CheckRange("evolution.mutation_ratio", options.mutation_ratio, 0, 1));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("evolution.mutation_probability", options.mutation_probability, 0, 1));
  return CheckRange("evolution.resolution_mutation_probability",
                    options.resolution_mutation_probability, 0, 1);
}

absl::Status CheckAlgorithm(const Nsga2Options& options, int num_objectives) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("num_objectives", num_objectives, 1, kMaxObjectives));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("nsga2.population", options.population, kMinPopulation, kMaxPopulation));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("nsga2.crossover_probability", options.crossover_probability, 0, 1));
  return CheckRange("nsga2.mutation_probability", options.mutation_probability, 0, 1);
}

absl::Status CheckAlgorithm(const PredictorNsga2Options& options, int num_objectives) {
  NIWAKI_RETURN_IF_ERROR(CheckRange("num_objectives", num_objectives, 1, kMaxObjectives));
  NIWAKI_RETURN_IF_ERROR(CheckRange("predictor_nsga2.initial", options.initial, 8, 100000));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("predictor_nsga2.retrain_every", options.retrain_every, 1, 10000));
  NIWAKI_RETURN_IF_ERROR(
      CheckRange("predictor_nsga2.population", options.population, 4, kMaxPopulation));
  NIWAKI_RETURN_IF_ERROR(CheckRange("predictor_nsga2.generations", options.generations, 1, 1000));
  NIWAKI_RETURN_IF_ERROR(CheckRange("predictor_nsga2.exploration", options.exploration, 0, 1));
  return CheckRange("predictor_nsga2.mutation_probability", options.mutation_probability, 0, 1);
}

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
  NIWAKI_RETURN_IF_ERROR(std::visit(
      [&](const auto& algorithm) { return CheckAlgorithm(algorithm, options.num_objectives); },
      options.algorithm));
  return std::visit(
      [&](const auto& algorithm) {
        return Make(space, algorithm, options.num_objectives, options.seed);
      },
      options.algorithm);
}

}  // namespace niwaki::search
