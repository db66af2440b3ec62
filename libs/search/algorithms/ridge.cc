#include "libs/search/algorithms/ridge.h"

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"

namespace niwaki::search {
namespace {

// A quantity whose greatest value is more than this many times its least is fitted by logarithm.
constexpr double kOctave = 2;
// Keeps the constant's pivot away from zero without changing its weight.
constexpr double kConstantPenalty = 1e-9;

size_t Triangle(int row) { return static_cast<size_t>(row) * (row + 1) / 2; }

// Solves L Lᵀ x = b in place.
void Solve(const std::vector<double>& lower, std::vector<double>& b) {
  const int n = static_cast<int>(b.size());
  for (int i = 0; i < n; ++i) {
    const double* const row = lower.data() + Triangle(i);
    for (int j = 0; j < i; ++j) b[i] -= row[j] * b[j];
    b[i] /= row[i];
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j) b[i] -= lower[Triangle(j) + i] * b[j];
    b[i] /= lower[Triangle(i) + i];
  }
}

}  // namespace

RidgeRegression::RidgeRegression(int features, int targets, double penalty)
    : size_(features + 1), penalty_(penalty), gram_(Triangle(features + 1)), targets_(targets) {
  NIWAKI_CHECK(features >= 1 && targets >= 1 && penalty > 0);
  for (Target& target : targets_) {
    target.moments.resize(size_);
    target.log_moments.resize(size_);
  }
}

void RidgeRegression::Add(absl::Span<const double> features, absl::Span<const double> targets) {
  NIWAKI_CHECK(features.size() + 1 == static_cast<size_t>(size_));
  NIWAKI_CHECK(targets.size() == targets_.size());
  const auto feature = [&](int i) { return i + 1 < size_ ? features[i] : 1.0; };
  for (int i = 0; i < size_; ++i) {
    if (feature(i) == 0) continue;
    double* const row = gram_.data() + Triangle(i);
    for (int j = 0; j <= i; ++j) row[j] += feature(i) * feature(j);
  }
  for (size_t t = 0; t < targets_.size(); ++t) {
    Target& target = targets_[t];
    const double value = targets[t];
    target.least = observations_ == 0 ? value : std::min(target.least, value);
    target.greatest = observations_ == 0 ? value : std::max(target.greatest, value);
    const double logarithm = value > 0 ? std::log(value) : 0;
    for (int i = 0; i < size_; ++i) {
      target.moments[i] += feature(i) * value;
      target.log_moments[i] += feature(i) * logarithm;
    }
  }
  ++observations_;
}

std::vector<double> RidgeRegression::Factorise() const {
  std::vector<double> lower = gram_;
  for (int i = 0; i < size_; ++i) {
    double* const row = lower.data() + Triangle(i);
    row[i] += i + 1 < size_ ? penalty_ : kConstantPenalty;
    for (int j = 0; j < i; ++j) {
      const double* const other = lower.data() + Triangle(j);
      for (int k = 0; k < j; ++k) row[j] -= row[k] * other[k];
      row[j] /= other[j];
    }
    for (int k = 0; k < i; ++k) row[i] -= row[k] * row[k];
    row[i] = std::sqrt(std::max(row[i], kConstantPenalty));
  }
  return lower;
}

void RidgeRegression::Fit() {
  const std::vector<double> lower = Factorise();
  for (Target& target : targets_) {
    target.logarithmic = target.least > 0 && target.greatest > kOctave * target.least;
    target.weights = target.logarithmic ? target.log_moments : target.moments;
    Solve(lower, target.weights);
  }
}

double RidgeRegression::Predict(absl::Span<const double> features, int target) const {
  const Target& model = targets_[target];
  if (model.weights.empty()) return 0;
  double sum = model.weights.back();
  for (int i = 0; i + 1 < size_; ++i) sum += features[i] * model.weights[i];
  return model.logarithmic ? std::exp(sum) : sum;
}

}  // namespace niwaki::search
