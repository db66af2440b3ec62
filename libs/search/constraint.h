// Constraint: a hard upper limit on one cost of a subnet.

#ifndef NIWAKI_LIBS_SEARCH_CONSTRAINT_H_
#define NIWAKI_LIBS_SEARCH_CONSTRAINT_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "libs/search/metric.h"

namespace niwaki::search {

struct Constraint {
  Metric metric = Metric::kSramBytes;
  // In the metric's unit; a value of exactly `max` fits.
  double max = 0;
};

// A limit that a subnet breaks.
struct Violation {
  // Index into the constraints.
  int constraint = 0;
  Metric metric = Metric::kSramBytes;
  // The subnet's value; absent when it is not known, which no limit accepts. NaN breaks one too.
  std::optional<double> value;
  double max = 0;
};

// InvalidArgument with reason ARGUMENT_INVALID and field `constraints[i]…` unless every metric is a
// cost, named once, and every limit finite and positive.
absl::Status ValidateConstraints(absl::Span<const Constraint> constraints);

// The first limit, in their order, that `metrics` break; nullopt when all are met.
std::optional<Violation> FirstViolation(absl::Span<const Constraint> constraints,
                                        const Metrics& metrics);
std::vector<Violation> AllViolations(absl::Span<const Constraint> constraints,
                                     const Metrics& metrics);

// Each limited cost as a share of its limit, in the constraints' order: 0 to 1 for metrics that
// break none. Every limited cost must be known.
std::vector<double> UsagesOf(absl::Span<const Constraint> constraints, const Metrics& metrics);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_CONSTRAINT_H_
