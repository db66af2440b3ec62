// Linear algebra of small dense matrices for the fit of a predictor: row-major, sums in a fixed
// order, so that equal arguments give equal bits.

#ifndef NIWAKI_LIBS_PREDICTOR_STRUCTURED_CHOLESKY_H_
#define NIWAKI_LIBS_PREDICTOR_STRUCTURED_CHOLESKY_H_

#include <cstddef>
#include <vector>

namespace niwaki::predictor {

// Sum of the products of `size` numbers each.
double Dot(const double* a, const double* b, ptrdiff_t size);

// A symmetric positive definite matrix as L · Lᵀ, L lower triangular.
class Cholesky {
 public:
  // `matrix` has [size, size] numbers, of which the upper triangle is not read. O(size³ / 6).
  Cholesky(std::vector<double> matrix, int size);

  // Whether the matrix was positive definite; the rest is for one that was.
  bool ok() const { return ok_; }

  // L⁻¹ · v in place of v; O(size² / 2).
  void SolveLower(double* v) const;
  // The matrix's inverse times v in place of v.
  void Solve(double* v) const;
  // The diagonal of the matrix's inverse. O(size³ / 6).
  std::vector<double> InverseDiagonal() const;
  // The logarithm of the matrix's determinant.
  double LogDeterminant() const;

 private:
  const double* row(int i) const { return factor_.data() + static_cast<size_t>(i) * size_; }

  const int size_;
  bool ok_ = true;
  std::vector<double> factor_;
};

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_STRUCTURED_CHOLESKY_H_
