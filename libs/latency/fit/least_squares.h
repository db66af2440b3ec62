// Small non-negative least squares, for fitting coefficients that are costs.

#ifndef NIWAKI_LIBS_LATENCY_FIT_LEAST_SQUARES_H_
#define NIWAKI_LIBS_LATENCY_FIT_LEAST_SQUARES_H_

#include <vector>

#include "absl/status/statusor.h"

namespace niwaki::latency {

// Coefficients x >= 0, one for each column, that make the relative errors of rows · x against
// `targets` (all positive) smallest in the sum of squares. Columns whose free coefficient would be
// negative are fixed at 0, the most negative first. InvalidArgument when there are fewer rows than
// columns, rows of different lengths, or columns that depend on each other.
absl::StatusOr<std::vector<double>> FitRelative(const std::vector<std::vector<double>>& rows,
                                                const std::vector<double>& targets);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_FIT_LEAST_SQUARES_H_
