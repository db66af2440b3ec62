#include "libs/latency/fit/least_squares.h"

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki::latency {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(LeastSquaresTest, FindsExactCoefficients) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto x, FitRelative({{1e6, 10}, {2e6, 70}, {5e6, 20}},
                                                        {2e6 + 30, 4e6 + 210, 1e7 + 60}));

  EXPECT_THAT(x, ElementsAre(DoubleNear(2, 1e-6), DoubleNear(3, 1e-3)));
}

TEST(LeastSquaresTest, WeighsRelativeErrors) {
  // Between 1 and 2 per unit: relative errors pull towards the smaller, 6/5 = (1 + 1/2) / (1 +
  // 1/4).
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto x, FitRelative({{1}, {1000}}, {1, 2000}));

  EXPECT_NEAR(x[0], 1.2, 1e-9);
}

TEST(LeastSquaresTest, NegativeCoefficientBecomesZero) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto x, FitRelative({{1, 0}, {1, 1}, {1, 2}}, {3, 2, 1}));

  EXPECT_GT(x[0], 0);
  EXPECT_EQ(x[1], 0);
}

TEST(LeastSquaresTest, UnsolvableIsRefused) {
  EXPECT_THAT(FitRelative({{1, 2}}, {1}), StatusIs(absl::StatusCode::kInvalidArgument, "fewer"));
  EXPECT_THAT(FitRelative({{1, 2}, {2, 4}, {3, 6}}, {1, 2, 3}),
              StatusIs(absl::StatusCode::kInvalidArgument, "depend"));
  EXPECT_THAT(FitRelative({{1}}, {0}), StatusIs(absl::StatusCode::kInvalidArgument, "positive"));
}

}  // namespace
}  // namespace niwaki::latency
