// Ridge regression on few rows: least squares that shrink towards the mean, and what they would say
// of each row if it had not been seen.

#ifndef NIWAKI_LIBS_LATENCY_TRANSFER_RIDGE_H_
#define NIWAKI_LIBS_LATENCY_TRANSFER_RIDGE_H_

#include <vector>

#include "absl/status/statusor.h"

namespace niwaki::latency {

struct Ridge {
  // prediction = target_mean + weights · (row - row_mean).
  std::vector<double> row_mean;
  double target_mean = 0;
  std::vector<double> weights;
  // Target minus prediction of each row by the other rows alone, with the same penalty.
  std::vector<double> left_out_errors;

  double Predict(const std::vector<double>& row) const;
  // The root mean square of left_out_errors.
  double LeftOutError() const;
};

// Fits with the penalty, of `penalties` (all above 0, at least one), whose left-out error is least.
// InvalidArgument for less than two rows, rows of different lengths, another number of targets, or
// numbers that are not finite.
absl::StatusOr<Ridge> FitRidge(const std::vector<std::vector<double>>& rows,
                               const std::vector<double>& targets,
                               const std::vector<double>& penalties);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_TRANSFER_RIDGE_H_
