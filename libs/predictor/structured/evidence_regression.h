// Linear regression that finds out for itself how strongly to hold back each group of features:
// every group has its own prior variance, and those variances and the noise are the most probable
// ones (MacKay 1992, "Bayesian Interpolation"), given the data and what is expected before any is
// seen: each is within a factor of seven of its expectation with a probability of two thirds.
//
// Without expectations the most probable noise of fewer rows than features is none at all: the fit
// runs through every target, and is the worse the nearer the rows come to the number of features.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace niwaki::predictor {

// What a group is expected to explain of the targets' variance, unless something is said.
inline constexpr double kExpectedShare = 0.05;

struct FeatureMatrix {
  // [rows, group.size()], row-major.
  std::vector<double> values;
  int rows = 0;
  // For each column the group it belongs to, from 0.
  std::vector<int> group;
  // For each group the share of the targets' variance that it is expected to explain, above 0;
  // kExpectedShare for those that are missing.
  std::vector<double> expected;

  int columns() const { return static_cast<int>(group.size()); }
  double* row(int i) { return values.data() + static_cast<size_t>(i) * group.size(); }
  const double* row(int i) const { return values.data() + static_cast<size_t>(i) * group.size(); }
};

struct LinearFit {
  double intercept = 0;
  // One for each column.
  std::vector<double> weights;
  // Standard deviation of what the fit leaves, as estimated from the data.
  double noise = 0;
  // How probable the targets are under these groups and expectations, whatever the variances: a
  // logarithm, to be compared with that of other features of the same targets.
  double log_evidence = 0;

  double Predict(const double* features) const;
};

// `targets` has a number for each row, all finite, not all equal; at least 2 rows. Features may be
// fewer or more than the rows, constant, or dependent on each other. Some 10 times O(n³ / 2) for
// the smaller n of rows and columns, and O(rows * columns * n). Deterministic: equal bits for equal
// arguments on one machine.
LinearFit FitByEvidence(const FeatureMatrix& features, absl::Span<const double> targets);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_
