#include "libs/predictor/structured/cholesky.h"

#include <cmath>
#include <utility>

#include "libs/base/log.h"

namespace niwaki::predictor {

// In four chains that the processor can overlap.
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

Cholesky::Cholesky(std::vector<double> matrix, int size) : size_(size), factor_(std::move(matrix)) {
  NIWAKI_CHECK(factor_.size() == static_cast<size_t>(size_) * size_);
  for (int i = 0; i < size_; ++i) {
    double* own = factor_.data() + static_cast<size_t>(i) * size_;
    for (int j = 0; j < i; ++j) own[j] = (own[j] - Dot(own, row(j), j)) / row(j)[j];
    const double square = own[i] - Dot(own, own, i);
    // Also false for a NaN.
    if (!(square > 0)) {
      ok_ = false;
      return;
    }
    own[i] = std::sqrt(square);
  }
}

void Cholesky::SolveLower(double* v) const {
  for (int i = 0; i < size_; ++i) v[i] = (v[i] - Dot(row(i), v, i)) / row(i)[i];
}

void Cholesky::Solve(double* v) const {
  SolveLower(v);
  for (int i = size_ - 1; i >= 0; --i) {
    v[i] /= row(i)[i];
    for (int j = 0; j < i; ++j) v[j] -= row(i)[j] * v[i];
  }
}

std::vector<double> Cholesky::InverseDiagonal() const {
  std::vector<double> diagonal(size_);
  std::vector<double> column(size_);
  for (int c = 0; c < size_; ++c) {
    // Column c of L⁻¹, from its first number that is not 0.
    column[c] = 1 / row(c)[c];
    for (int i = c + 1; i < size_; ++i) {
      column[i] = -Dot(row(i) + c, column.data() + c, i - c) / row(i)[i];
    }
    diagonal[c] = Dot(column.data() + c, column.data() + c, size_ - c);
  }
  return diagonal;
}

double Cholesky::LogDeterminant() const {
  double sum = 0;
  for (int i = 0; i < size_; ++i) sum += 2 * std::log(row(i)[i]);
  return sum;
}

}  // namespace niwaki::predictor
