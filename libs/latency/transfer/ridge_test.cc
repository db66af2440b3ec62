#include "libs/latency/transfer/ridge.h"

#include <limits>

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

TEST(RidgeTest, WithoutPenaltyALineIsFound) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge ridge,
                              FitRidge({{0, 1}, {1, 0}, {2, 2}, {3, 1}}, {3, 3, 9, 9}, {1e-9}));

  // 1 + 2 a + 2 b.
  EXPECT_NEAR(ridge.Predict({5, 5}), 21, 1e-6);
  EXPECT_NEAR(ridge.LeftOutError(), 0, 1e-6);
}

TEST(RidgeTest, HeavyPenaltyLeavesTheMean) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge ridge, FitRidge({{0}, {1}, {2}}, {1, 2, 6}, {1e12}));

  EXPECT_NEAR(ridge.Predict({100}), 3, 1e-6);
  // Each against the mean of the two others.
  ASSERT_EQ(ridge.left_out_errors.size(), 3u);
  EXPECT_NEAR(ridge.left_out_errors[0], -3, 1e-6);
  EXPECT_NEAR(ridge.left_out_errors[1], -1.5, 1e-6);
  EXPECT_NEAR(ridge.left_out_errors[2], 4.5, 1e-6);
}

TEST(RidgeTest, LeftOutErrorsAreThoseOfFitsWithoutTheRow) {
  Random random(4);
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (int i = 0; i < 6; ++i) {
    rows.push_back({random.Normal()});
    targets.push_back(2 * rows.back()[0] + 0.1 * random.Normal());
  }
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge all, FitRidge(rows, targets, {1e-9}));
  for (size_t out = 0; out < rows.size(); ++out) {
    std::vector<std::vector<double>> others = rows;
    std::vector<double> of_others = targets;
    others.erase(others.begin() + out);
    of_others.erase(of_others.begin() + out);
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge without, FitRidge(others, of_others, {1e-9}));
    EXPECT_NEAR(all.left_out_errors[out], targets[out] - without.Predict(rows[out]), 1e-6);
  }
}

TEST(RidgeTest, PenaltyIsTheOneThatPredictsBest) {
  Random random(5);
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (int i = 0; i < 8; ++i) {
    // Five columns that mean nothing.
    rows.push_back(
        {random.Normal(), random.Normal(), random.Normal(), random.Normal(), random.Normal()});
    targets.push_back(random.Normal());
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge free, FitRidge(rows, targets, {1e-9}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Ridge chosen, FitRidge(rows, targets, {1e-9, 1e6}));

  EXPECT_LT(chosen.LeftOutError(), free.LeftOutError());
}

TEST(RidgeTest, WrongRowsAreRefused) {
  EXPECT_THAT(FitRidge({{1}}, {1}, {1}), StatusIs(absl::StatusCode::kInvalidArgument, "two rows"));
  EXPECT_THAT(FitRidge({{1}, {1, 2}}, {1, 2}, {1}),
              StatusIs(absl::StatusCode::kInvalidArgument, "row 1"));
  EXPECT_THAT(FitRidge({{1}, {2}}, {1}, {1}),
              StatusIs(absl::StatusCode::kInvalidArgument, "1 targets"));
  EXPECT_THAT(FitRidge({{1}, {std::numeric_limits<double>::infinity()}}, {1, 2}, {1}),
              StatusIs(absl::StatusCode::kInvalidArgument, "finite"));
}

}  // namespace
}  // namespace niwaki::latency
