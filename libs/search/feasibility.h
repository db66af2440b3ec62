// Feasibility: whether a space has any subnet within the limits, decided before a job starts.
//
// A uniform sample tells how large the share of feasible subnets is. When none of it fits, the
// smallest subnet and a descent by single genes from it and from the sample's best look for one
// that does. A negative answer is therefore a strong hint, not a proof; costs that shrink with
// every choice make it a proof, for then the smallest subnet is the least of all.

#ifndef NIWAKI_LIBS_SEARCH_FEASIBILITY_H_
#define NIWAKI_LIBS_SEARCH_FEASIBILITY_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/search/constraint.h"
#include "libs/search/metric.h"

namespace niwaki::search {

// The costs of subnets, one Metrics for each in order; at most 256 subnets a call.
using CostFunction =
    std::function<absl::StatusOr<std::vector<Metrics>>(absl::Span<const arch::Subnet>)>;

struct FeasibilityOptions {
  // Size of the uniform sample, 1 to 1 million.
  int samples = 1000;
  uint64_t seed = 1;
  // Longest descent from each start.
  int max_steps = 64;
};

struct Feasibility {
  // Share of the uniform sample within all limits, 0 to 1.
  double feasible_share = 0;
  // Whether any subnet within all limits was found.
  bool possible = false;
  // The subnet whose worst ratio of value to limit is the least found: feasible when `possible`,
  // else the nearest feasible corner.
  arch::Subnet nearest;
  Metrics nearest_metrics;
  // The limits that `nearest` breaks; each value is what that limit would have to be.
  std::vector<Violation> violations;
};

// `constraints` are valid (ValidateConstraints). The errors of `costs` are returned as they are;
// Internal when it returns a wrong number of results. Deterministic for equal arguments.
absl::StatusOr<Feasibility> AssessFeasibility(const arch::SearchSpace& space,
                                              absl::Span<const Constraint> constraints,
                                              const CostFunction& costs,
                                              const FeasibilityOptions& options);

// OK when possible. Otherwise FailedPrecondition with reason BUDGET_UNSATISFIABLE: field, value and
// limit name the first broken limit, what it is, and what the nearest subnet needs; the message
// names all of them.
absl::Status CheckPossible(const Feasibility& feasibility);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_FEASIBILITY_H_
