#include "libs/search/algorithms/ridge.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

constexpr int kFeatures = 6;

std::vector<double> RandomFeatures(Random& random) {
  std::vector<double> features;
  for (int i = 0; i < kFeatures; ++i) features.push_back(random.Bernoulli(0.5) ? 1 : 0);
  return features;
}

double Sum(const std::vector<double>& features) {
  double sum = 0;
  for (int i = 0; i < kFeatures; ++i) sum += (i + 1) * features[i];
  return sum;
}

TEST(RidgeTest, FindsALinearFunctionAndAProduct) {
  RidgeRegression model(kFeatures, 2, 1e-6);
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const std::vector<double> features = RandomFeatures(random);
    model.Add(features, {Sum(features) - 7, std::exp(0.2 * Sum(features))});
  }

  model.Fit();

  for (int i = 0; i < 20; ++i) {
    const std::vector<double> features = RandomFeatures(random);
    EXPECT_NEAR(model.Predict(features, 0), Sum(features) - 7, 1e-4);
    EXPECT_NEAR(model.Predict(features, 1) / std::exp(0.2 * Sum(features)), 1, 1e-4);
  }
  EXPECT_EQ(model.observations(), 100);
}

TEST(RidgeTest, PenaltyShrinksWeightsButNotTheConstant) {
  RidgeRegression model(1, 1, 10);
  for (int i = 0; i < 10; ++i) {
    model.Add({1}, {-101});
    model.Add({-1}, {-99});
  }

  model.Fit();

  // Weight 20 / (20 + 10) of the true -1.
  EXPECT_NEAR(model.Predict({0}, 0), -100, 1e-6);
  EXPECT_NEAR(model.Predict({1}, 0), -100 - 2.0 / 3, 1e-6);
}

TEST(RidgeTest, AnswersBeforeAndWithFewObservations) {
  RidgeRegression model(kFeatures, 1, 1);
  EXPECT_EQ(model.Predict(std::vector<double>(kFeatures), 0), 0);
  model.Add(std::vector<double>(kFeatures, 1), {5});
  model.Fit();
  EXPECT_NEAR(model.Predict(std::vector<double>(kFeatures, 1), 0), 5, 1e-6);
}

}  // namespace
}  // namespace niwaki::search
