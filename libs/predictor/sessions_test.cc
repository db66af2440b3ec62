#include "libs/predictor/sessions.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace niwaki::predictor {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<double> Noise(int rows, uint64_t seed) {
  Random random(seed);
  std::vector<double> series;
  for (int i = 0; i < rows; ++i) series.push_back(random.Normal());
  return series;
}

TEST(SessionsTest, NoiseIsOneSession) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    EXPECT_THAT(FindSessions(Noise(500, seed)), IsEmpty()) << "seed " << seed;
  }
}

TEST(SessionsTest, StepsAreFound) {
  constexpr int kRows = 900;
  constexpr int kFirst = 200;
  constexpr int kSecond = 600;
  std::vector<double> series = Noise(kRows, 1);
  for (int i = kFirst; i < kSecond; ++i) series[i] += 2;

  const std::vector<int> cuts = FindSessions(series);

  ASSERT_THAT(cuts, SizeIs(2));
  EXPECT_NEAR(cuts[0], kFirst, 5);
  EXPECT_NEAR(cuts[1], kSecond, 5);
}

TEST(SessionsTest, ShortAndConstantSeriesAreOneSession) {
  EXPECT_THAT(FindSessions({}), IsEmpty());
  EXPECT_THAT(FindSessions({1, 2, 3}), IsEmpty());
  EXPECT_THAT(FindSessions(std::vector<double>(100, 4.0)), IsEmpty());
}

}  // namespace
}  // namespace niwaki::predictor
