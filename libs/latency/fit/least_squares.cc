#include "libs/latency/fit/least_squares.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/status/status.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::latency {
namespace {

using Matrix = std::vector<std::vector<double>>;

absl::Status Wrong(absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid).Message(message);
}

// Gaussian elimination with pivoting; the last column is the right side.
absl::StatusOr<std::vector<double>> Solve(Matrix system) {
  const size_t n = system.size();
  for (size_t column = 0; column < n; ++column) {
    size_t pivot = column;
    for (size_t row = column + 1; row < n; ++row) {
      if (std::abs(system[row][column]) > std::abs(system[pivot][column])) pivot = row;
    }
    std::swap(system[column], system[pivot]);
    if (std::abs(system[column][column]) < 1e-9) return Wrong("columns depend on each other");
    for (size_t row = 0; row < n; ++row) {
      if (row == column) continue;
      const double factor = system[row][column] / system[column][column];
      for (size_t k = column; k <= n; ++k) system[row][k] -= factor * system[column][k];
    }
  }
  std::vector<double> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = system[i][n] / system[i][i];
  return x;
}

// Normal equations of the columns `used` of rows scaled so that every target is 1 and every
// column's norm 1.
absl::StatusOr<std::vector<double>> SolveColumns(const Matrix& scaled,
                                                 const std::vector<size_t>& used) {
  Matrix normal(used.size(), std::vector<double>(used.size() + 1, 0.0));
  std::vector<double> norm(used.size(), 0.0);
  for (size_t i = 0; i < used.size(); ++i) {
    for (const auto& row : scaled) norm[i] += row[used[i]] * row[used[i]];
    norm[i] = std::sqrt(norm[i]);
    if (norm[i] == 0) return Wrong("a column is zero");
  }
  for (const auto& row : scaled) {
    for (size_t i = 0; i < used.size(); ++i) {
      const double value = row[used[i]] / norm[i];
      for (size_t j = 0; j < used.size(); ++j) normal[i][j] += value * row[used[j]] / norm[j];
      normal[i][used.size()] += value;
    }
  }
  NIWAKI_ASSIGN_OR_RETURN(std::vector<double> x, Solve(std::move(normal)));
  for (size_t i = 0; i < used.size(); ++i) x[i] /= norm[i];
  return x;
}

}  // namespace

absl::StatusOr<std::vector<double>> FitRelative(const Matrix& rows,
                                                const std::vector<double>& targets) {
  if (rows.empty() || rows.size() != targets.size() || rows.size() < rows[0].size()) {
    return Wrong("fewer rows than columns");
  }
  Matrix scaled = rows;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size()) return Wrong("rows of different lengths");
    if (!(targets[i] > 0)) return Wrong("a target is not positive");
    for (double& value : scaled[i]) value /= targets[i];
  }
  std::vector<size_t> used(rows[0].size());
  std::iota(used.begin(), used.end(), 0);
  std::vector<double> result(rows[0].size(), 0.0);
  while (!used.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> x, SolveColumns(scaled, used));
    const auto lowest = std::min_element(x.begin(), x.end());
    if (*lowest < 0) {
      used.erase(used.begin() + (lowest - x.begin()));
      continue;
    }
    for (size_t i = 0; i < used.size(); ++i) result[used[i]] = x[i];
    break;
  }
  return result;
}

}  // namespace niwaki::latency
