#include "libs/search/front/noise.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NoiseTest, StandardErrorIsTheBinomialOne) {
  // sqrt(0.89 * 0.11 / 720)
  EXPECT_NEAR(*StandardError({0.89, 720}), 0.0116607, 1e-7);
  EXPECT_NEAR(*StandardError({0.5, 100}), 0.05, 1e-12);
  EXPECT_NEAR(*StandardError({0.863, 840}), 0.0118638, 1e-7);
}

TEST(NoiseTest, NobodyIsSureOfAllRightOrAllWrong) {
  // As 9.5 of 10.
  EXPECT_NEAR(*StandardError({1, 10}), std::sqrt(0.95 * 0.05 / 10), 1e-12);
  EXPECT_NEAR(*StandardError({0, 10}), std::sqrt(0.95 * 0.05 / 10), 1e-12);
  // One of ten wrong is as the formula says.
  EXPECT_NEAR(*StandardError({0.9, 10}), std::sqrt(0.9 * 0.1 / 10), 1e-12);
  EXPECT_NEAR(*StandardError({1, 1}), 0.5, 1e-12);
}

TEST(NoiseTest, UnknownNumberOfExamplesGivesNoError) {
  EXPECT_EQ(StandardError({0.9, 0}), std::nullopt);
  EXPECT_EQ(StandardError({0.9, -1}), std::nullopt);
  EXPECT_EQ(StandardError({1.02, 100}), std::nullopt);
  EXPECT_EQ(StandardError({std::numeric_limits<double>::quiet_NaN(), 100}), std::nullopt);
  EXPECT_EQ(WithinNoise({0.9, 100}, {0.2, 0}), std::nullopt);
}

TEST(NoiseTest, TwoErrorsOfTheDifferenceTellApart) {
  // 720 clips: errors 0.0117 and 0.0123, two of the difference are 0.0338.
  EXPECT_EQ(WithinNoise({0.89, 720}, {0.87, 720}), true);
  EXPECT_EQ(WithinNoise({0.87, 720}, {0.89, 720}), true);
  EXPECT_EQ(WithinNoise({0.89, 720}, {0.85, 720}), false);
  EXPECT_EQ(WithinNoise({0.89, 720}, {0.89, 720}), true);
  // 50,000 images tell the same shares apart.
  EXPECT_EQ(WithinNoise({0.89, 50000}, {0.87, 50000}), false);
}

TEST(NoiseTest, EachIsComparedWithTheNextLower) {
  EXPECT_THAT(WithinNoiseOfNext({{0.89, 720}, {0.80, 720}, {0.88, 720}, {0.79, 720}}),
              ElementsAre(true, true, false, false));
}

TEST(NoiseTest, UnknownIsNotMarked) {
  EXPECT_THAT(WithinNoiseOfNext({{0.9, 0}, {0.9, 0}}), ElementsAre(false, false));
  EXPECT_THAT(WithinNoiseOfNext({{0.9, 720}}), ElementsAre(false));
  EXPECT_THAT(WithinNoiseOfNext({}), IsEmpty());
}

// What the rule promises of two networks that are equally good.
TEST(NoiseTest, EquallyGoodOnesAreToldApartOnceInTwentyTimes) {
  constexpr int kPairs = 20000;
  constexpr int kImages = 720;
  Random random(5);
  int apart = 0;
  for (int i = 0; i < kPairs; ++i) {
    MeasuredShare shares[2];
    for (MeasuredShare& measured : shares) {
      int right = 0;
      for (int j = 0; j < kImages; ++j) right += random.Bernoulli(0.87);
      measured = {static_cast<double>(right) / kImages, kImages};
    }
    apart += !*WithinNoise(shares[0], shares[1]);
  }
  const double share = static_cast<double>(apart) / kPairs;
  std::printf("told apart: %.4f\n", share);
  EXPECT_GT(share, 0.03);
  EXPECT_LT(share, 0.06);
}

}  // namespace
}  // namespace niwaki::search
