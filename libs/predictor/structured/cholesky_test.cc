#include "libs/predictor/structured/cholesky.h"

#include <cmath>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

// Positive definite, with a known product of its eigenvalues only for size 2.
std::vector<double> RandomMatrix(int size, Random& random) {
  std::vector<double> rows(static_cast<size_t>(size) * size);
  for (double& value : rows) value = random.Normal();
  std::vector<double> matrix(rows.size());
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) {
      for (int k = 0; k < size; ++k)
        matrix[i * size + j] += rows[i * size + k] * rows[j * size + k];
    }
    matrix[i * size + i] += 1;
  }
  return matrix;
}

TEST(CholeskyTest, DotAddsEverySize) {
  std::vector<double> a;
  std::vector<double> b;
  double sum = 0;
  for (int size = 0; size < 40; ++size) {
    EXPECT_EQ(Dot(a.data(), b.data(), size), sum) << size;
    a.push_back(size + 1);
    b.push_back(size % 3 - 1);
    sum += a.back() * b.back();
  }
}

TEST(CholeskyTest, SolvesAndInverts) {
  Random random(1);
  for (const int size : {1, 2, 9, 30}) {
    const std::vector<double> matrix = RandomMatrix(size, random);
    std::vector<double> expected(size);
    std::vector<double> v(size);
    for (double& value : expected) value = random.Normal();
    for (int i = 0; i < size; ++i) v[i] = Dot(&matrix[i * size], expected.data(), size);

    const Cholesky cholesky(matrix, size);

    ASSERT_TRUE(cholesky.ok());
    cholesky.Solve(v.data());
    for (int i = 0; i < size; ++i) EXPECT_NEAR(v[i], expected[i], 1e-8) << size;
    const std::vector<double> diagonal = cholesky.InverseDiagonal();
    for (int i = 0; i < size; ++i) {
      std::vector<double> unit(size);
      unit[i] = 1;
      std::vector<double> lower = unit;
      cholesky.Solve(unit.data());
      EXPECT_NEAR(diagonal[i], unit[i], 1e-9) << size;
      cholesky.SolveLower(lower.data());
      EXPECT_NEAR(Dot(lower.data(), lower.data(), size), unit[i], 1e-9) << size;
    }
  }
}

TEST(CholeskyTest, LogDeterminantIsThatOfTheMatrix) {
  // 4 · 3 - 1 · 1; the upper triangle is not read.
  EXPECT_NEAR(Cholesky({4, 99, 1, 3}, 2).LogDeterminant(), std::log(11), 1e-12);
}

TEST(CholeskyTest, MatricesThatAreNotPositiveDefiniteAreFound) {
  EXPECT_FALSE(Cholesky({1, 2, 2, 1}, 2).ok());
  EXPECT_FALSE(Cholesky({0}, 1).ok());
  EXPECT_FALSE(Cholesky({std::nan("")}, 1).ok());
  EXPECT_TRUE(Cholesky({2}, 1).ok());
}

}  // namespace
}  // namespace niwaki::predictor
