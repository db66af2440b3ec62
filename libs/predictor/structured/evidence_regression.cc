#include "libs/predictor/structured/evidence_regression.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "libs/base/log.h"

namespace niwaki::predictor {
namespace {

constexpr int kMaxIterations = 60;
// Of the logarithms of the variances, below which they count as found.
constexpr double kTolerance = 0.02;
// Bounds of a group's prior precision, and of the noise's variance, for features and targets of
// variance 1.
constexpr double kLeastPrecision = 1e-3;
constexpr double kGreatestPrecision = 1e8;
constexpr double kLeastNoise = 1e-8;

// A sum in a fixed order, in four chains that the processor can overlap.
double Dot(const double* a, const double* b, ptrdiff_t size) {
  typedef double Vector __attribute__((vector_size(16), aligned(8)));
  constexpr int kLanes = 2;
  constexpr int kChains = 4;
  Vector sum[kChains] = {};
  ptrdiff_t i = 0;
  for (; i + kLanes * kChains <= size; i += kLanes * kChains) {
    for (int c = 0; c < kChains; ++c) {
      sum[c] += *reinterpret_cast<const Vector*>(a + i + c * kLanes) *
                *reinterpret_cast<const Vector*>(b + i + c * kLanes);
    }
  }
  double rest = 0;
  for (; i < size; ++i) rest += a[i] * b[i];
  const Vector total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  return total[0] + total[1] + rest;
}

// The regression in units in which targets and, on average, each group's columns have variance 1.
class Problem {
 public:
  Problem(const FeatureMatrix& features, absl::Span<const double> targets)
      : size_(features.columns()), rows_(features.rows), group_(features.group) {
    for (const int group : group_) groups_ = std::max(groups_, group + 1);
    Standardise(features, targets);
    Accumulate(features, targets);
  }

  LinearFit Solve() {
    precision_.assign(groups_, 100.0);
    noise_ = 0.02;
    for (int i = 0; i < kMaxIterations; ++i) {
      if (!Iterate()) break;
    }
    SolveWeights();
    LinearFit fit;
    fit.intercept = target_mean_;
    for (int i = 0; i < size_; ++i) {
      fit.weights.push_back(weights_[i] * target_scale_ / scale_[i]);
      fit.intercept -= fit.weights[i] * mean_[i];
    }
    fit.noise = std::sqrt(noise_) * target_scale_;
    return fit;
  }

 private:
  double* factor(int row) { return factor_.data() + static_cast<size_t>(row) * size_; }
  const double* gram(int row) const { return gram_.data() + static_cast<size_t>(row) * size_; }

  void Standardise(const FeatureMatrix& features, absl::Span<const double> targets) {
    mean_.assign(size_, 0);
    std::vector<double> variance(size_, 0);
    for (int r = 0; r < rows_; ++r) {
      for (int i = 0; i < size_; ++i) mean_[i] += features.row(r)[i] / rows_;
      target_mean_ += targets[r] / rows_;
    }
    double target_variance = 0;
    for (int r = 0; r < rows_; ++r) {
      for (int i = 0; i < size_; ++i) {
        const double difference = features.row(r)[i] - mean_[i];
        variance[i] += difference * difference / rows_;
      }
      target_variance += (targets[r] - target_mean_) * (targets[r] - target_mean_) / rows_;
    }
    target_scale_ = std::sqrt(target_variance);
    group_size_.assign(groups_, 0);
    std::vector<double> group_variance(groups_, 0);
    for (int i = 0; i < size_; ++i) {
      ++group_size_[group_[i]];
      group_variance[group_[i]] += variance[i];
    }
    for (int i = 0; i < size_; ++i) {
      const double of_group = group_variance[group_[i]] / group_size_[group_[i]];
      scale_.push_back(of_group > 0 ? std::sqrt(of_group) : 1);
    }
  }

  // Products of all columns with each other and with the targets.
  void Accumulate(const FeatureMatrix& features, absl::Span<const double> targets) {
    std::vector<double> columns(static_cast<size_t>(size_) * rows_);
    std::vector<double> target(rows_);
    for (int r = 0; r < rows_; ++r) {
      for (int i = 0; i < size_; ++i) {
        columns[static_cast<size_t>(i) * rows_ + r] = (features.row(r)[i] - mean_[i]) / scale_[i];
      }
      target[r] = (targets[r] - target_mean_) / target_scale_;
    }
    gram_.resize(static_cast<size_t>(size_) * size_);
    for (int i = 0; i < size_; ++i) {
      const double* column = columns.data() + static_cast<size_t>(i) * rows_;
      for (int j = 0; j <= i; ++j) {
        const double product = Dot(column, columns.data() + static_cast<size_t>(j) * rows_, rows_);
        gram_[static_cast<size_t>(i) * size_ + j] = product;
        gram_[static_cast<size_t>(j) * size_ + i] = product;
      }
      moments_.push_back(Dot(column, target.data(), rows_));
    }
    target_square_ = Dot(target.data(), target.data(), rows_);
  }

  // Factorises the posterior's precision, gram / noise + diagonal of the priors, into L · Lᵀ.
  void Factorise() {
    factor_.resize(static_cast<size_t>(size_) * size_);
    for (int i = 0; i < size_; ++i) {
      for (int j = 0; j <= i; ++j) {
        double value = gram(i)[j] / noise_ - Dot(factor(i), factor(j), j);
        if (i == j) {
          value += precision_[group_[i]];
          NIWAKI_CHECK(value > 0);
          factor(i)[i] = std::sqrt(value);
        } else {
          factor(i)[j] = value / factor(j)[j];
        }
      }
    }
  }

  void SolveWeights() {
    Factorise();
    std::vector<double> half(size_);
    for (int i = 0; i < size_; ++i) {
      half[i] = (moments_[i] / noise_ - Dot(factor(i), half.data(), i)) / factor(i)[i];
    }
    weights_ = half;
    for (int i = size_ - 1; i >= 0; --i) {
      weights_[i] /= factor(i)[i];
      for (int j = 0; j < i; ++j) weights_[j] -= factor(i)[j] * weights_[i];
    }
  }

  // Sums of the posterior variances of each group's weights.
  std::vector<double> Uncertainty() {
    std::vector<double> sums(groups_, 0);
    std::vector<double> column(size_);
    for (int c = 0; c < size_; ++c) {
      // Column c of the inverse of L.
      column[c] = 1 / factor(c)[c];
      for (int i = c + 1; i < size_; ++i) {
        column[i] = -Dot(factor(i) + c, column.data() + c, i - c) / factor(i)[i];
      }
      sums[group_[c]] += Dot(column.data() + c, column.data() + c, size_ - c);
    }
    return sums;
  }

  // Sum of squares that the weights leave.
  double Rest() const {
    double rest = target_square_;
    for (int i = 0; i < size_; ++i) {
      rest += weights_[i] * (Dot(gram(i), weights_.data(), size_) - 2 * moments_[i]);
    }
    return std::max(rest, 0.0);
  }

  // One step towards the most probable variances; false when nothing moved any more.
  bool Iterate() {
    SolveWeights();
    const std::vector<double> uncertainty = Uncertainty();
    std::vector<double> squares(groups_, 0);
    for (int i = 0; i < size_; ++i) squares[group_[i]] += weights_[i] * weights_[i];
    double effective = 0;
    double moved = 0;
    for (int g = 0; g < groups_; ++g) {
      const double before = precision_[g];
      const double determined = std::max(group_size_[g] - before * uncertainty[g], 0.0);
      effective += determined;
      precision_[g] = std::min(std::max(determined / (squares[g] + 1e-12), kLeastPrecision),
                               kGreatestPrecision);
      // A group that is held at 0 may creep for ever.
      if (determined > 0.05) moved = std::max(moved, std::abs(std::log(precision_[g] / before)));
    }
    const double before = noise_;
    // With more features than rows the estimate of what is left to the noise must not vanish.
    noise_ = std::max(Rest() / std::max(rows_ - effective, 0.1 * rows_), kLeastNoise);
    moved = std::max(moved, std::abs(std::log(noise_ / before)));
    return moved > kTolerance;
  }

  const int size_;
  const int rows_;
  const std::vector<int> group_;
  int groups_ = 0;
  std::vector<int> group_size_;
  std::vector<double> mean_;
  std::vector<double> scale_;
  double target_mean_ = 0;
  double target_scale_ = 1;
  std::vector<double> gram_;
  std::vector<double> moments_;
  double target_square_ = 0;

  std::vector<double> precision_;
  double noise_ = 0;
  std::vector<double> factor_;
  std::vector<double> weights_;
};

}  // namespace

double LinearFit::Predict(const double* features) const {
  return intercept + Dot(weights.data(), features, static_cast<ptrdiff_t>(weights.size()));
}

LinearFit FitByEvidence(const FeatureMatrix& features, absl::Span<const double> targets) {
  NIWAKI_CHECK(features.rows == static_cast<int>(targets.size()) && features.rows >= 2);
  return Problem(features, targets).Solve();
}

}  // namespace niwaki::predictor
