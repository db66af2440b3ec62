#include "libs/predictor/structured/evidence_regression.h"

#include <cmath>
#include <cstdint>
#include <vector>

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

// With as many rows as features, or nearly, there is no dip: what is left for the noise is not
// explained away.
TEST(EvidenceRegressionTest, MoreRowsAreBetterThroughTheNumberOfFeatures) {
  constexpr int kFeatures = 60;
  constexpr double kNoise = 1.0;
  std::vector<int> group(10, 0);
  group.resize(kFeatures, 1);
  std::vector<double> errors;
  for (const int rows : {15, 30, 45, 55, 60, 65, 90, 200}) {
    double error = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      Random random(seed);
      std::vector<double> weights;
      for (int j = 0; j < kFeatures; ++j) weights.push_back((j < 10 ? 1.0 : 0.1) * random.Normal());
      const auto target = [&](const double* features) {
        double sum = 0;
        for (int j = 0; j < kFeatures; ++j) sum += weights[j] * features[j];
        return sum;
      };
      const FeatureMatrix matrix = RandomFeatures(rows, group, random);
      std::vector<double> targets;
      for (int i = 0; i < rows; ++i) {
        targets.push_back(target(matrix.row(i)) + kNoise * random.Normal());
      }
      const LinearFit fit = FitByEvidence(matrix, targets);
      const FeatureMatrix unseen = RandomFeatures(200, group, random);
      for (int i = 0; i < 200; ++i) {
        const double off = fit.Predict(unseen.row(i)) - target(unseen.row(i));
        error += off * off / (200 * 6);
      }
    }
    errors.push_back(error);
  }
  for (size_t i = 1; i < errors.size(); ++i) EXPECT_LT(errors[i], 1.1 * errors[i - 1]) << i;
  // Of a variance of about 10 + 0.5.
  EXPECT_LT(errors.back(), 0.5);
}

// Rows above and below the number of features are fitted in two ways.
TEST(EvidenceRegressionTest, BothFormsFitAlike) {
  constexpr int kRows = 40;
  Random random(5);
  FeatureMatrix narrow = RandomFeatures(kRows, {0, 0, 0, 1, 1}, random);
  std::vector<double> targets;
  for (int i = 0; i < kRows; ++i) {
    targets.push_back(2 * narrow.row(i)[0] - narrow.row(i)[3] + 0.3 * random.Normal());
  }
  // More columns than rows, of which all but the first five are constant and say nothing.
  FeatureMatrix wide;
  wide.rows = kRows;
  wide.group = narrow.group;
  wide.group.resize(60, 2);
  for (int i = 0; i < kRows; ++i) {
    wide.values.insert(wide.values.end(), narrow.row(i), narrow.row(i) + narrow.columns());
    wide.values.resize(static_cast<size_t>(i + 1) * 60, 1.5);
  }

  const LinearFit by_columns = FitByEvidence(narrow, targets);
  const LinearFit by_rows = FitByEvidence(wide, targets);

  EXPECT_NEAR(by_columns.noise, by_rows.noise, 1e-3);
  for (int j = 0; j < 5; ++j) EXPECT_NEAR(by_columns.weights[j], by_rows.weights[j], 1e-3) << j;
  for (int i = 0; i < kRows; ++i) {
    EXPECT_NEAR(by_columns.Predict(narrow.row(i)), by_rows.Predict(wide.row(i)), 1e-3);
  }
}

// What is expected of a group decides where the data does not.
TEST(EvidenceRegressionTest, ExpectationsDecideWhereTheDataDoesNot) {
  constexpr int kRows = 12;
  Random random(6);
  // Twice the same columns, in two groups.
  FeatureMatrix matrix;
  matrix.rows = kRows;
  matrix.group = {0, 0, 1, 1};
  matrix.expected = {0.5, 0.005};
  std::vector<double> targets;
  for (int i = 0; i < kRows; ++i) {
    const double x = random.Normal();
    const double y = random.Normal();
    matrix.values.insert(matrix.values.end(), {x, y, x, y});
    targets.push_back(x + y + 0.1 * random.Normal());
  }

  const LinearFit fit = FitByEvidence(matrix, targets);

  for (int j = 0; j < 2; ++j) {
    EXPECT_GT(fit.weights[j], 5 * fit.weights[j + 2]) << j;
    EXPECT_NEAR(fit.weights[j] + fit.weights[j + 2], 1, 0.2) << j;
  }
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
