// RidgeRegression: several quantities as linear functions of the same features, by least squares
// with a penalty on the weights. Grows one observation at a time.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_RIDGE_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_RIDGE_H_

#include <vector>

#include "absl/types/span.h"

namespace niwaki::search {

// A quantity that was always positive and spans more than an octave is a product of sizes (a
// latency, a count): its logarithm is fitted instead. Not thread-safe.
class RidgeRegression {
 public:
  // `features` and `targets` are numbers of them, `penalty` the weight of the squared weights
  // (above 0). A constant feature is added, and not penalised.
  RidgeRegression(int features, int targets, double penalty);

  // An observation. O(features^2).
  void Add(absl::Span<const double> features, absl::Span<const double> targets);

  // Fits everything added so far. O(features^3).
  void Fit();

  // As last fitted; 0 before.
  double Predict(absl::Span<const double> features, int target) const;

  int observations() const { return observations_; }

 private:
  struct Target {
    double least = 0;
    double greatest = 0;
    // Sums of features times value, and times its logarithm.
    std::vector<double> moments;
    std::vector<double> log_moments;
    bool logarithmic = false;
    std::vector<double> weights;
  };

  // Factorises the penalised Gram matrix into its lower triangle.
  std::vector<double> Factorise() const;

  // Features with the constant one, which stands last.
  const int size_;
  const double penalty_;
  int observations_ = 0;
  // Sums of products of features, lower triangle by rows.
  std::vector<double> gram_;
  std::vector<Target> targets_;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_RIDGE_H_
