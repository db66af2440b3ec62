// How well predictions agree with what was measured.

#ifndef NIWAKI_LIBS_PREDICTOR_EVALUATION_H_
#define NIWAKI_LIBS_PREDICTOR_EVALUATION_H_

#include "absl/types/span.h"

namespace niwaki::predictor {

// Kendall's rank correlation, variant tau-b (ties in either series count half), -1 to 1; 0 where
// one of the series is constant. Both have one length. O(n log n) (Knight 1966).
double KendallTau(absl::Span<const double> a, absl::Span<const double> b);

// Spearman's: the correlation of ranks, ties sharing their mean rank; 0 where one is constant.
double SpearmanRho(absl::Span<const double> a, absl::Span<const double> b);

// Square root of the mean squared difference; 0 for nothing.
double RootMeanSquaredError(absl::Span<const double> a, absl::Span<const double> b);

// Agreement on networks that the predictor was not trained on.
struct HeldOut {
  // Parts that were held out in turn, and networks in all of them. The figures are means over the
  // parts.
  int parts = 0;
  int networks = 0;
  double kendall = 0;
  double spearman = 0;
  double rmse = 0;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_EVALUATION_H_
