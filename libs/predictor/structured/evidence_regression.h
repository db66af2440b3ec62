// Linear regression that finds out for itself how strongly to hold back each group of features:
// every group has its own prior variance, and those variances and the noise are the ones under
// which the data is most probable (MacKay 1992, "Bayesian Interpolation"). No hyper-parameters.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_

#include <vector>

#include "absl/types/span.h"

namespace niwaki::predictor {

struct FeatureMatrix {
  // [rows, group.size()], row-major.
  std::vector<double> values;
  int rows = 0;
  // For each column the group it belongs to, from 0.
  std::vector<int> group;

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

  double Predict(const double* features) const;
};

// `targets` has a number for each row, all finite, not all equal; at least 2 rows. Features may be
// fewer or more than the rows, constant, or dependent on each other. O(rows * columns^2) and some
// 40 times O(columns^3 / 3). Deterministic: equal bits for equal arguments.
LinearFit FitByEvidence(const FeatureMatrix& features, absl::Span<const double> targets);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_EVIDENCE_REGRESSION_H_
