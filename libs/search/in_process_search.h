// SearchInProcess: a whole search in the calling thread, for when no worker is needed: costs and
// scores come from functions, for example tables and a predictor.
//
// Slots are decided and scored in rounds, so that scores can be computed many at a time: every slot
// of a round knows the outcomes of all rounds before. Deterministic for equal arguments.

#ifndef NIWAKI_LIBS_SEARCH_IN_PROCESS_SEARCH_H_
#define NIWAKI_LIBS_SEARCH_IN_PROCESS_SEARCH_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/search/algorithm.h"
#include "libs/search/constraint.h"
#include "libs/search/feasibility.h"
#include "libs/search/metric.h"
#include "libs/search/option.h"
#include "libs/search/slot_scheduler.h"

namespace niwaki::search {

// Writes the scores of subnets (top1, top5, loss) beside the costs that their Metrics hold already;
// both spans have one length, at most a round.
using ScoreFunction =
    std::function<absl::Status(absl::Span<const arch::Subnet>, absl::Span<Metrics>)>;

// Networks of one search.
inline constexpr Range kEvaluations = WholeNumber(1, kMaxSlots);

struct InProcessOptions {
  Algorithm algorithm;
  uint64_t seed = 1;
  // 1 to kMaxObjectives; each a cost, or what the ScoreFunction writes.
  std::vector<Metric> objectives;
  std::vector<Constraint> constraints;
  // Networks to score, within kEvaluations.
  int64_t evaluations = 10000;
};

struct EvaluatedSubnet {
  int64_t slot = 0;
  arch::Subnet subnet;
  Metrics metrics;
};

struct InProcessResult {
  // In slot order; no network twice.
  std::vector<EvaluatedSubnet> evaluated;
  // Indices into `evaluated` of the networks that no other dominates, by first objective.
  std::vector<size_t> front;
  // Slots for which nothing new was found within the limits; a round of nothing else ends the
  // search.
  int64_t infeasible = 0;
  // Proposals refused: known already, and over a limit.
  int64_t duplicates = 0;
  int64_t over_limit = 0;
  // `go_on` said no.
  bool interrupted = false;
};

// Asked after every round with the number of networks scored; false ends the search there.
using GoOn = std::function<bool(int64_t evaluated)>;

// The errors of MakeOptimizer, ValidateConstraints, ObjectivesOf, `costs` and `scores`;
// FailedPrecondition with reason BUDGET_UNSATISFIABLE when no network within the limits was found
// (feasibility.h).
absl::StatusOr<InProcessResult> SearchInProcess(const arch::SearchSpace& space,
                                                const InProcessOptions& options,
                                                const CostFunction& costs,
                                                const ScoreFunction& scores, const GoOn& go_on);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_IN_PROCESS_SEARCH_H_
