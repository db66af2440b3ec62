// Optimizer: a search algorithm as a pure ask/tell state machine.
//
// A search is a row of slots. For every slot the caller asks for proposals, keeps the first that is
// new and within the limits, has it scored, and tells the outcome. What `Ask(slot, attempt)` gives
// depends only on the options, the slot, the attempt and the outcomes told so far. Outcomes are
// told in slot order; the caller tells exactly the outcomes of the slots below `slot - lag` before
// it asks for `slot`, so that the same seed gives the same search whatever the number of workers
// and their speed. No I/O, no clock, no threads.
//
//   // Every slot once, in order.
//   optimizer->Tell(0, subnet, outcome);
//   // Then attempt 1, 2, … while proposals are refused.
//   Subnet proposal = optimizer->Ask(32, 0);

#ifndef NIWAKI_LIBS_SEARCH_OPTIMIZER_H_
#define NIWAKI_LIBS_SEARCH_OPTIMIZER_H_

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/search/front/objectives.h"

namespace niwaki::search {

// What became of a slot.
struct Outcome {
  enum class Kind { kScored, kInfeasible, kFailed };
  Kind kind = Kind::kScored;
  // Only when scored.
  Objectives objectives;
  // Only when scored: each limited cost as a share of its limit, 0 to 1, in the order of the job's
  // constraints; the same number for all slots. For algorithms that predict what will fit.
  std::vector<double> usages;
};

struct RandomSearchOptions {};

// OFA's evolution (Cai 2020, §3.4; its released finder keeps the best quarter as parents in the
// population). `population` is 2 to 10000 here and below, ratios and probabilities are 0 to 1.
struct EvolutionOptions {
  int population = 100;
  double parent_ratio = 0.25;
  double mutation_ratio = 0.5;
  double mutation_probability = 0.1;
  // Of the resolution and the width multiplier in a mutant. A new resolution makes a child whose
  // blocks were chosen for another: under a tight budget 0.1 finds better networks than the
  // finder's 0.5.
  double resolution_mutation_probability = 0.5;
};

// NSGA-II (Deb 2002): non-dominated sorting, crowding distance, binary tournaments.
struct Nsga2Options {
  int population = 50;
  double crossover_probability = 0.9;
  double mutation_probability = 0.1;
};

// NSGA-II on a predictor trained on the job's own scores (predictor_nsga2.h). For jobs in which a
// score costs much more than the search.
struct PredictorNsga2Options {
  // Random slots before the first training, 8 to 100000.
  int initial = 48;
  // Slots between trainings, 1 to 10000.
  int retrain_every = 16;
  // Of the search on the predictor: its population, 4 to 10000, and its generations, 1 to 1000.
  int population = 100;
  int generations = 30;
  // Share of the slots after `initial` that do not follow the predictor, 0 to 1.
  double exploration = 0.1;
  double mutation_probability = 0.1;
};

using Algorithm =
    std::variant<RandomSearchOptions, EvolutionOptions, Nsga2Options, PredictorNsga2Options>;

struct OptimizerOptions {
  Algorithm algorithm;
  // 1 to kMaxObjectives.
  int num_objectives = 1;
  uint64_t seed = 1;
};

// Not thread-safe.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // The `attempt`-th proposal (from 0) for `slot`: a canonical subnet of the space.
  virtual arch::Subnet Ask(int64_t slot, int attempt) const = 0;

  // The outcome of `slot`; slots come in order without gaps. `subnet` is what was scored (ignored
  // when infeasible).
  virtual void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) = 0;

  // Changes when Ask may answer differently than before. While it stays the same, proposals for
  // several slots may be asked in any order.
  virtual int64_t version() const = 0;

  // What version() is once `told` outcomes have been told: known beforehand, for it depends on
  // their number alone.
  virtual int64_t VersionAfter(int64_t told) const = 0;
};

// `space` must outlive the optimizer. InvalidArgument with reason ARGUMENT_INVALID names the
// option, its value and its range; evolution takes one objective only.
absl::StatusOr<std::unique_ptr<Optimizer>> MakeOptimizer(const arch::SearchSpace& space,
                                                         const OptimizerOptions& options);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_OPTIMIZER_H_
