#include "libs/predictor/structured/evidence_regression.h"

#include <cmath>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

FeatureMatrix RandomFeatures(int rows, std::vector<int> group, Random& random) {
  FeatureMatrix matrix;
  matrix.rows = rows;
  matrix.group = std::move(group);
  for (int i = 0; i < rows * matrix.columns(); ++i) matrix.values.push_back(random.Normal());
  return matrix;
}

TEST(EvidenceRegressionTest, FindsWeightsAndNoise) {
  constexpr int kRows = 2000;
  constexpr double kNoise = 0.1;
  const std::vector<double> weights = {2, -1, 0.5, 0, 0, 0};
  Random random(1);
  const FeatureMatrix matrix = RandomFeatures(kRows, {0, 0, 0, 1, 1, 1}, random);
  std::vector<double> targets;
  for (int i = 0; i < kRows; ++i) {
    double target = 7 + kNoise * random.Normal();
    for (int j = 0; j < 6; ++j) target += weights[j] * matrix.row(i)[j];
    targets.push_back(target);
  }

  const LinearFit fit = FitByEvidence(matrix, targets);

  EXPECT_NEAR(fit.intercept, 7, 0.01);
  for (int j = 0; j < 6; ++j) EXPECT_NEAR(fit.weights[j], weights[j], 0.01) << j;
  EXPECT_NEAR(fit.noise, kNoise, 0.01);
  EXPECT_NEAR(fit.Predict(matrix.row(3)), targets[3], 5 * kNoise);
}

TEST(EvidenceRegressionTest, HoldsBackGroupsThatExplainNothing) {
  constexpr int kRows = 60;
  // Ten features that matter and more useless ones than rows.
  std::vector<int> group(10, 0);
  group.resize(110, 1);
  Random random(2);
  const FeatureMatrix matrix = RandomFeatures(kRows, group, random);
  std::vector<double> targets;
  for (int i = 0; i < kRows; ++i) {
    double target = 0.1 * random.Normal();
    for (int j = 0; j < 10; ++j) target += matrix.row(i)[j];
    targets.push_back(target);
  }

  const LinearFit fit = FitByEvidence(matrix, targets);

  for (int j = 0; j < 10; ++j) EXPECT_NEAR(fit.weights[j], 1, 0.2) << j;
  double useless = 0;
  for (int j = 10; j < 110; ++j) useless += fit.weights[j] * fit.weights[j];
  EXPECT_LT(std::sqrt(useless), 0.2);
}

TEST(EvidenceRegressionTest, ConstantAndRepeatedColumnsAreHarmless) {
  FeatureMatrix matrix;
  matrix.rows = 40;
  matrix.group = {0, 0, 1};
  std::vector<double> targets;
  for (int i = 0; i < matrix.rows; ++i) {
    const double x = i % 7;
    matrix.values.insert(matrix.values.end(), {x, x, 3.0});
    targets.push_back(2 * x + 1);
  }

  const LinearFit fit = FitByEvidence(matrix, targets);

  for (int i = 0; i < matrix.rows; ++i) EXPECT_NEAR(fit.Predict(matrix.row(i)), targets[i], 1e-3);
}

TEST(EvidenceRegressionTest, EqualArgumentsGiveEqualBits) {
  Random random(3);
  const FeatureMatrix matrix = RandomFeatures(50, {0, 0, 1, 1, 2}, random);
  std::vector<double> targets;
  for (int i = 0; i < 50; ++i) targets.push_back(random.Normal());

  EXPECT_EQ(FitByEvidence(matrix, targets).weights, FitByEvidence(matrix, targets).weights);
}

}  // namespace
}  // namespace niwaki::predictor
