#include "libs/predictor/evaluation.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

// By definition, from all pairs.
double SlowTau(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  double pairs_a = 0;
  double pairs_b = 0;
  const auto sign = [](double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; };
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      sum += sign(a[i] - a[j]) * sign(b[i] - b[j]);
      pairs_a += a[i] != a[j];
      pairs_b += b[i] != b[j];
    }
  }
  return sum / std::sqrt(pairs_a * pairs_b);
}

TEST(EvaluationTest, KendallAgreesWithAllPairs) {
  Random random(1);
  for (const int values : {3, 10, 1000}) {
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 301; ++i) {
      a.push_back(static_cast<double>(random.Uniform(values)));
      b.push_back(static_cast<double>(random.Uniform(values)) + 0.5 * a.back());
    }
    EXPECT_NEAR(KendallTau(a, b), SlowTau(a, b), 1e-12) << values << " values";
  }
}

TEST(EvaluationTest, OrderAndReverseAreTheEnds) {
  const std::vector<double> a = {1, 2, 3, 4};
  const std::vector<double> b = {10, 20, 30, 100};
  const std::vector<double> reverse = {4, 3, 2, 1};

  EXPECT_EQ(KendallTau(a, b), 1);
  EXPECT_EQ(KendallTau(a, reverse), -1);
  EXPECT_EQ(SpearmanRho(a, b), 1);
  EXPECT_EQ(SpearmanRho(a, reverse), -1);
}

TEST(EvaluationTest, ConstantsAgreeWithNothing) {
  const std::vector<double> a = {1, 2, 3};
  const std::vector<double> constant = {5, 5, 5};

  EXPECT_EQ(KendallTau(a, constant), 0);
  EXPECT_EQ(KendallTau(constant, a), 0);
  EXPECT_EQ(SpearmanRho(constant, a), 0);
  EXPECT_EQ(KendallTau({}, {}), 0);
  EXPECT_EQ(SpearmanRho({}, {}), 0);
}

TEST(EvaluationTest, WithinGroupsOnlyTheirPairsCount) {
  // The groups are in order, their elements are not.
  const std::vector<double> a = {1, 2, 3, 11, 12, 13, 99};
  const std::vector<double> b = {3, 2, 1, 13, 12, 11, 99};
  const std::vector<int> group = {1, 1, 1, 2, 2, 2, 3};
  KendallWithin within;

  within.Add(a, b, group);

  EXPECT_EQ(within.tau(), -1);
  EXPECT_GT(KendallTau(a, b), 0.4);
  // Another three pairs, in one order.
  within.Add({1, 2, 3}, {1, 2, 3}, {1, 1, 1});
  EXPECT_NEAR(*within.tau(), -1.0 / 3, 1e-12);
}

TEST(EvaluationTest, WithoutPairsThereIsNoAgreementWithin) {
  KendallWithin within;
  EXPECT_EQ(within.tau(), std::nullopt);
  within.Add({1, 2}, {1, 2}, {1, 2});
  EXPECT_EQ(within.tau(), std::nullopt);
  within.Add({5, 5}, {1, 2}, {1, 1});
  EXPECT_EQ(within.tau(), std::nullopt);
}

TEST(EvaluationTest, OneGroupIsKendallsTau) {
  Random random(7);
  std::vector<double> a;
  std::vector<double> b;
  for (int i = 0; i < 60; ++i) {
    a.push_back(static_cast<double>(random.Uniform(9)));
    b.push_back(a.back() + static_cast<double>(random.Uniform(9)));
  }
  KendallWithin within;

  within.Add(a, b, std::vector<int>(60, 4));

  EXPECT_EQ(within.tau(), KendallTau(a, b));
}

TEST(EvaluationTest, TiesShareTheirMeanRank) {
  const std::vector<double> a = {1, 1, 2};
  const std::vector<double> b = {1, 2, 3};

  EXPECT_NEAR(SpearmanRho(a, b), std::sqrt(0.75), 1e-12);
}

TEST(EvaluationTest, ErrorIsRootOfMeanSquare) {
  EXPECT_DOUBLE_EQ(RootMeanSquaredError({1, 2}, {4, 6}), std::sqrt(12.5));
}

}  // namespace
}  // namespace niwaki::predictor
