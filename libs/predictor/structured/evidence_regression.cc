#include "libs/predictor/structured/evidence_regression.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "libs/base/log.h"
#include "libs/predictor/structured/cholesky.h"

namespace niwaki::predictor {
namespace {

// Of the logarithms of the variances around their expectations.
constexpr double kDeviation = 2;
// Of the targets' variance.
constexpr double kExpectedNoise = 0.03;
// With targets without any noise it must not vanish.
constexpr double kLeastNoise = 1e-8;

// A group whose columns vary less, for columns of size 1, is constant.
constexpr double kLeastVariance = 1e-20;

constexpr int kMaxSteps = 60;
// Steps of the logarithms, and gains of the log probability, below which the search ends.
constexpr double kLeastStep = 0.02;
constexpr double kLeastGain = 1e-4;
// Of the logarithms in one step.
constexpr double kGreatestStep = 2;
// Of one step that does not gain, before the search ends.
constexpr int kMaxTries = 12;

// The regression in units in which the targets have variance 1 and the columns of each group have
// variance 1 all together, so that a group's prior variance is the share that it explains.
class Problem {
 public:
  Problem(const FeatureMatrix& features, absl::Span<const double> targets)
      : size_(features.columns()), rows_(features.rows), group_(features.group) {
    for (const int group : group_) groups_ = std::max(groups_, group + 1);
    for (int g = 0; g < groups_; ++g) {
      const bool is_said = g < static_cast<int>(features.expected.size());
      expected_.push_back(std::log(is_said ? features.expected[g] : kExpectedShare));
    }
    expected_.push_back(std::log(kExpectedNoise));
    Standardise(features, targets);
    Accumulate();
  }

  LinearFit Solve() {
    const Point point = ClimbFrom(expected_);
    LinearFit fit;
    fit.intercept = target_mean_;
    for (int i = 0; i < size_; ++i) {
      fit.weights.push_back(point.weights[i] * target_scale_ / scale_[i]);
      fit.intercept -= fit.weights[i] * mean_[i];
    }
    fit.noise = std::sqrt(std::exp(point.logs.back())) * target_scale_;
    // The volume around the most probable variances (Laplace), in units of what was expected.
    const Cholesky information(point.information, groups_ + 1);
    fit.log_evidence = point.probability - (groups_ + 1) * std::log(kDeviation) -
                       (information.ok() ? 0.5 * information.LogDeterminant() : 0);
    return fit;
  }

 private:
  // Of variances: what the fit is under them, how probable they are, and what of them to change.
  struct Point {
    // Logarithms of the variance of every group and, last, of the noise.
    std::vector<double> logs;
    std::vector<double> weights;
    // Of the data and the variances, as a logarithm, but for a constant.
    double probability = 0;
    // By the logarithms.
    std::vector<double> gradient;
    // Average information (Gilmour 1995), which stands for the second derivatives: [logs, logs].
    std::vector<double> information;
  };

  const double* column(int i) const { return columns_.data() + static_cast<size_t>(i) * rows_; }
  int noise() const { return groups_; }

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
    std::vector<double> group_variance(groups_, 0);
    std::vector<double> group_square(groups_, 0);
    for (int i = 0; i < size_; ++i) {
      group_variance[group_[i]] += variance[i];
      group_square[group_[i]] += mean_[i] * mean_[i];
    }
    for (int i = 0; i < size_; ++i) {
      const double of_group = group_variance[group_[i]];
      // A constant's is that of rounding.
      const bool varies = of_group > kLeastVariance * group_square[group_[i]];
      scale_.push_back(varies ? std::sqrt(of_group) : 1);
    }
    columns_.resize(static_cast<size_t>(size_) * rows_);
    for (int r = 0; r < rows_; ++r) {
      for (int i = 0; i < size_; ++i) {
        columns_[static_cast<size_t>(i) * rows_ + r] = (features.row(r)[i] - mean_[i]) / scale_[i];
      }
      targets_.push_back((targets[r] - target_mean_) / target_scale_);
    }
  }

  // Products of all columns with each other and with the targets, where the rows are more.
  void Accumulate() {
    if (rows_ < size_) return;
    gram_.resize(static_cast<size_t>(size_) * size_);
    for (int i = 0; i < size_; ++i) {
      for (int j = 0; j <= i; ++j) {
        const double product = Dot(column(i), column(j), rows_);
        gram_[static_cast<size_t>(i) * size_ + j] = product;
        gram_[static_cast<size_t>(j) * size_ + i] = product;
      }
      moments_.push_back(Dot(column(i), targets_.data(), rows_));
    }
    target_square_ = Dot(targets_.data(), targets_.data(), rows_);
  }

  // Nothing where rounding leaves no positive definite matrix.
  std::optional<Point> At(std::vector<double> logs) const {
    Point point;
    point.logs = std::move(logs);
    std::vector<double> variances;
    for (const double log : point.logs) variances.push_back(std::exp(log));
    point.gradient.assign(groups_ + 1, 0);
    if (!(rows_ < size_ ? AtByRows(variances, point) : AtByColumns(variances, point))) {
      return std::nullopt;
    }
    for (int k = 0; k <= groups_; ++k) {
      const double off = (point.logs[k] - expected_[k]) / kDeviation;
      point.probability -= 0.5 * off * off;
      point.gradient[k] -= off / kDeviation;
      point.information[k * (groups_ + 2)] += 1 / (kDeviation * kDeviation);
    }
    return point;
  }

  static void AddTo(std::vector<double>& sum, double factor, const double* values) {
    if (factor == 0) return;
    for (size_t r = 0; r < sum.size(); ++r) sum[r] += factor * values[r];
  }

  // By the posterior's precision, gram / noise + the priors': of the size of the columns.
  bool AtByColumns(const std::vector<double>& variances, Point& point) const {
    const double noise_variance = variances[noise()];
    std::vector<double> precision = gram_;
    for (double& value : precision) value /= noise_variance;
    double log_determinant = rows_ * point.logs[noise()];
    for (int i = 0; i < size_; ++i) {
      precision[static_cast<size_t>(i) * size_ + i] += 1 / variances[group_[i]];
      log_determinant += point.logs[group_[i]];
    }
    const Cholesky posterior(std::move(precision), size_);
    if (!posterior.ok()) return false;
    point.weights = moments_;
    for (double& weight : point.weights) weight /= noise_variance;
    posterior.Solve(point.weights.data());
    const double rest = AddInformation(posterior, noise_variance, point);

    const std::vector<double> uncertainty = posterior.InverseDiagonal();
    double distance = rest / noise_variance;
    double determined = 0;
    for (int i = 0; i < size_; ++i) {
      const double variance = variances[group_[i]];
      const double square = point.weights[i] * point.weights[i] / variance;
      const double own = 1 - uncertainty[i] / variance;
      distance += square;
      determined += own;
      point.gradient[group_[i]] += 0.5 * (square - own);
    }
    point.gradient[noise()] = 0.5 * (rest / noise_variance - (rows_ - determined));
    point.probability = -0.5 * (distance + log_determinant + posterior.LogDeterminant());
    return true;
  }

  // Without a look at the rows: of what each group adds to the predictions and, last, what is left
  // of the targets, all that is needed are products with the columns and with each other. Returns
  // the sum of squares of what is left.
  double AddInformation(const Cholesky& posterior, double noise_variance, Point& point) const {
    const int side = groups_ + 1;
    std::vector<std::vector<double>> by_column(side, std::vector<double>(size_, 0.0));
    by_column[noise()] = moments_;
    for (int i = 0; i < size_; ++i) {
      const double* products = gram_.data() + static_cast<size_t>(i) * size_;
      AddTo(by_column[group_[i]], point.weights[i], products);
      AddTo(by_column[noise()], -point.weights[i], products);
    }
    double rest = target_square_;
    for (int i = 0; i < size_; ++i) {
      rest -= point.weights[i] * (moments_[i] + by_column[noise()][i]);
    }
    rest = std::max(rest, 0.0);
    point.information.assign(static_cast<size_t>(side) * side, 0.0);
    for (int b = 0; b < side; ++b) {
      std::vector<double> solved = by_column[b];
      posterior.Solve(solved.data());
      // Products of b with every group, and with what is left.
      std::vector<double> products(side, 0.0);
      for (int i = 0; i < size_; ++i) products[group_[i]] += point.weights[i] * by_column[b][i];
      if (b == noise()) {
        products[b] = rest;
      } else {
        for (int i = 0; i < size_; ++i) {
          if (group_[i] == b) products[noise()] += point.weights[i] * by_column[noise()][i];
        }
      }
      for (int a = 0; a < side; ++a) {
        const double known = Dot(by_column[a].data(), solved.data(), size_) / noise_variance;
        point.information[a * side + b] = 0.5 * (products[a] - known) / noise_variance;
      }
    }
    return rest;
  }

  // By the targets' covariance: of the size of the rows.
  bool AtByRows(const std::vector<double>& variances, Point& point) const {
    std::vector<double> deviations(size_);
    for (int i = 0; i < size_; ++i) deviations[i] = std::sqrt(variances[group_[i]]);
    std::vector<double> scaled(static_cast<size_t>(rows_) * size_);
    for (int i = 0; i < size_; ++i) {
      for (int r = 0; r < rows_; ++r) {
        scaled[static_cast<size_t>(r) * size_ + i] = column(i)[r] * deviations[i];
      }
    }
    std::vector<double> matrix(static_cast<size_t>(rows_) * rows_);
    for (int r = 0; r < rows_; ++r) {
      const double* own = scaled.data() + static_cast<size_t>(r) * size_;
      for (int s = 0; s <= r; ++s) {
        matrix[static_cast<size_t>(r) * rows_ + s] =
            Dot(own, scaled.data() + static_cast<size_t>(s) * size_, size_);
      }
      matrix[static_cast<size_t>(r) * rows_ + r] += variances[noise()];
    }
    const Cholesky covariance(std::move(matrix), rows_);
    if (!covariance.ok()) return false;
    std::vector<double> solved = targets_;
    covariance.Solve(solved.data());

    point.weights.assign(size_, 0);
    double determined = 0;
    for (int i = 0; i < size_; ++i) {
      const double variance = variances[group_[i]];
      const double moment = Dot(column(i), solved.data(), rows_);
      point.weights[i] = variance * moment;
      std::vector<double> lower(column(i), column(i) + rows_);
      covariance.SolveLower(lower.data());
      const double own = variance * Dot(lower.data(), lower.data(), rows_);
      determined += own;
      point.gradient[group_[i]] += 0.5 * (variance * moment * moment - own);
    }
    point.gradient[noise()] = 0.5 * (variances[noise()] * Dot(solved.data(), solved.data(), rows_) -
                                     (rows_ - determined));
    point.probability =
        -0.5 * (Dot(targets_.data(), solved.data(), rows_) + covariance.LogDeterminant());
    AddInformation(covariance, point);
    return true;
  }

  void AddInformation(const Cholesky& covariance, Point& point) const {
    const int side = groups_ + 1;
    std::vector<std::vector<double>> added(side, std::vector<double>(rows_, 0.0));
    added[noise()] = targets_;
    for (int i = 0; i < size_; ++i) {
      AddTo(added[group_[i]], point.weights[i], column(i));
      AddTo(added[noise()], -point.weights[i], column(i));
    }
    point.information.assign(static_cast<size_t>(side) * side, 0.0);
    for (int b = 0; b < side; ++b) {
      std::vector<double> solved = added[b];
      covariance.Solve(solved.data());
      for (int a = 0; a < side; ++a) {
        point.information[a * side + b] = 0.5 * Dot(added[a].data(), solved.data(), rows_);
      }
    }
  }

  // Where a step from `from` leads, held back by `damping`; its greatest part in `length`.
  std::vector<double> StepFrom(const Point& from, double damping, double& length) const {
    const int side = groups_ + 1;
    std::vector<double> information = from.information;
    std::vector<double> step = from.gradient;
    const double least = std::log(kLeastNoise);
    if (from.logs[noise()] <= least && step[noise()] <= 0) {
      // It can fall no further.
      step[noise()] = 0;
      for (int k = 0; k < side; ++k) {
        information[k * side + noise()] = 0;
        information[noise() * side + k] = 0;
      }
    }
    for (int k = 0; k < side; ++k) information[k * (side + 1)] += damping + 1e-9;
    const Cholesky cholesky(std::move(information), side);
    if (cholesky.ok()) cholesky.Solve(step.data());
    length = 0;
    for (const double part : step) length = std::max(length, std::abs(part));
    const double factor = length > kGreatestStep ? kGreatestStep / length : 1;
    length *= factor;
    std::vector<double> logs = from.logs;
    for (int k = 0; k < side; ++k) logs[k] += factor * step[k];
    logs[noise()] = std::max(logs[noise()], least);
    return logs;
  }

  Point ClimbFrom(const std::vector<double>& logs) const {
    std::optional<Point> start = At(logs);
    NIWAKI_CHECK(start.has_value());
    Point best = *std::move(start);
    double damping = 0;
    for (int i = 0; i < kMaxSteps; ++i) {
      std::optional<Point> next;
      double length = 0;
      for (int tries = 0; tries < kMaxTries && !next.has_value(); ++tries) {
        next = At(StepFrom(best, damping, length));
        if (next.has_value() && next->probability >= best.probability) break;
        next.reset();
        damping = damping == 0 ? 0.3 : 4 * damping;
      }
      if (!next.has_value()) break;
      damping = damping < 3e-3 ? 0 : 0.3 * damping;
      const double gain = next->probability - best.probability;
      best = *std::move(next);
      if (length < kLeastStep || gain < kLeastGain) break;
    }
    return best;
  }

  const int size_;
  const int rows_;
  const std::vector<int> group_;
  int groups_ = 0;
  // Logarithms, as in a Point.
  std::vector<double> expected_;
  std::vector<double> mean_;
  std::vector<double> scale_;
  double target_mean_ = 0;
  double target_scale_ = 1;
  // [size_, rows_]
  std::vector<double> columns_;
  std::vector<double> targets_;
  // [size_, size_]
  std::vector<double> gram_;
  std::vector<double> moments_;
  double target_square_ = 0;
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
