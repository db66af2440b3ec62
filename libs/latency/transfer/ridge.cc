#include "libs/latency/transfer/ridge.h"

#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::latency {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

double Dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The lower triangle L of a positive definite matrix L · Lᵀ.
Matrix Cholesky(Matrix a) {
  for (size_t j = 0; j < a.size(); ++j) {
    for (size_t i = j; i < a.size(); ++i) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  return a;
}

// x of L · Lᵀ · x = b.
Vector Solve(const Matrix& lower, Vector b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= lower[i][k] * b[k];
    b[i] /= lower[i][i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= lower[k][i] * b[k];
    b[i] /= lower[i][i];
  }
  return b;
}

absl::Status Check(const Matrix& rows, const Vector& targets) {
  const auto invalid = [](absl::string_view field, absl::string_view message) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Message(message);
  };
  if (rows.size() < 2) return invalid("rows", "ridge regression needs two rows at least");
  if (targets.size() != rows.size()) {
    return invalid("targets", absl::StrCat(rows.size(), " rows have ", targets.size(), " targets"));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size()) {
      return invalid("rows", absl::StrCat("row ", i, " is of another length"));
    }
    bool finite = std::isfinite(targets[i]);
    for (const double value : rows[i]) finite = finite && std::isfinite(value);
    if (!finite) return invalid("rows", absl::StrCat("row ", i, " is not finite"));
  }
  return absl::OkStatus();
}

// `centred` are rows less their mean.
Ridge Fit(const Matrix& centred, const Vector& targets, Ridge ridge, double penalty) {
  const size_t columns = ridge.row_mean.size();
  Matrix normal(columns, Vector(columns));
  Vector right(columns);
  for (size_t t = 0; t < centred.size(); ++t) {
    for (size_t i = 0; i < columns; ++i) {
      right[i] += centred[t][i] * (targets[t] - ridge.target_mean);
      for (size_t j = 0; j < columns; ++j) normal[i][j] += centred[t][i] * centred[t][j];
    }
  }
  for (size_t i = 0; i < columns; ++i) normal[i][i] += penalty;
  const Matrix lower = Cholesky(std::move(normal));
  ridge.weights = Solve(lower, std::move(right));
  for (size_t t = 0; t < centred.size(); ++t) {
    // How much of a row's prediction is its own target.
    const double own =
        1 / static_cast<double>(centred.size()) + Dot(centred[t], Solve(lower, centred[t]));
    const double error = targets[t] - ridge.target_mean - Dot(ridge.weights, centred[t]);
    ridge.left_out_errors.push_back(error / (1 - own));
  }
  return ridge;
}

}  // namespace

double Ridge::Predict(const std::vector<double>& row) const {
  double prediction = target_mean;
  for (size_t i = 0; i < row.size(); ++i) prediction += weights[i] * (row[i] - row_mean[i]);
  return prediction;
}

double Ridge::LeftOutError() const {
  return std::sqrt(Dot(left_out_errors, left_out_errors) /
                   static_cast<double>(left_out_errors.size()));
}

absl::StatusOr<Ridge> FitRidge(const std::vector<std::vector<double>>& rows,
                               const std::vector<double>& targets,
                               const std::vector<double>& penalties) {
  NIWAKI_RETURN_IF_ERROR(Check(rows, targets));
  NIWAKI_CHECK(!penalties.empty());
  const auto count = static_cast<double>(rows.size());
  Ridge means;
  means.row_mean.resize(rows[0].size());
  for (size_t t = 0; t < rows.size(); ++t) {
    means.target_mean += targets[t] / count;
    for (size_t i = 0; i < rows[t].size(); ++i) means.row_mean[i] += rows[t][i] / count;
  }
  Matrix centred = rows;
  for (Vector& row : centred) {
    for (size_t i = 0; i < row.size(); ++i) row[i] -= means.row_mean[i];
  }
  std::optional<Ridge> best;
  for (const double penalty : penalties) {
    Ridge ridge = Fit(centred, targets, means, penalty);
    if (!best.has_value() || ridge.LeftOutError() < best->LeftOutError()) best = std::move(ridge);
  }
  return *std::move(best);
}

}  // namespace niwaki::latency
