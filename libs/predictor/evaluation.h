// How well predictions agree with what was measured.

#ifndef NIWAKI_LIBS_PREDICTOR_EVALUATION_H_
#define NIWAKI_LIBS_PREDICTOR_EVALUATION_H_

#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace niwaki::predictor {

// Kendall's rank correlation, variant tau-b (ties in either series count half), -1 to 1; 0 where
// one of the series is constant. Both have one length. O(n log n) (Knight 1966).
double KendallTau(absl::Span<const double> a, absl::Span<const double> b);

// Kendall's tau-b over the pairs within one group, of any number of groups; how networks of one
// input size are ordered says more than how all are, because the sizes are the easy part.
class KendallWithin {
 public:
  // Adds the pairs within `group`s: all three have one length.
  void Add(absl::Span<const double> a, absl::Span<const double> b, absl::Span<const int> group);

  // Nothing where no group has two elements that differ in both series.
  std::optional<double> tau() const;

 private:
  double difference_ = 0;
  double untied_a_ = 0;
  double untied_b_ = 0;
};

// Spearman's: the correlation of ranks, ties sharing their mean rank; 0 where one is constant.
double SpearmanRho(absl::Span<const double> a, absl::Span<const double> b);

// Square root of the mean squared difference; 0 for nothing.
double RootMeanSquaredError(absl::Span<const double> a, absl::Span<const double> b);

// How the order by a plain number agrees with that by accuracy.
struct Baseline {
  double kendall = 0;
  // Within one input size.
  std::optional<double> kendall_within;
};

// Agreement on networks that the predictor was not trained on.
struct HeldOut {
  // Parts that were held out in turn, and networks in all of them. The figures are means over the
  // parts.
  int parts = 0;
  int networks = 0;
  double kendall = 0;
  double spearman = 0;
  double rmse = 0;
  // Kendall's over the pairs of one input size; nothing where there are none.
  std::optional<double> kendall_within;
  // Of those the pairs that were measured in one session (sessions.h); nothing where all were.
  std::optional<double> kendall_session;
  // Of all networks of the table, by their multiply-accumulates and by their parameters; nothing
  // where that was not measured.
  std::optional<Baseline> macs;
  std::optional<Baseline> parameters;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_EVALUATION_H_
