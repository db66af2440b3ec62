#include "services/cli/show/plots/axis_ticks.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/base/random.h"

namespace niwaki::cli {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(AxisTicksTest, StepsAreRound) {
  EXPECT_THAT(NiceTicks(0, 100, 5), ElementsAre(0, 20, 40, 60, 80, 100));
  EXPECT_THAT(NiceTicks(13, 87, 5), ElementsAre(20, 40, 60, 80));
  EXPECT_THAT(NiceTicks(0.52, 0.78, 5),
              ElementsAre(DoubleNear(0.55, 1e-9), DoubleNear(0.6, 1e-9), DoubleNear(0.65, 1e-9),
                          DoubleNear(0.7, 1e-9), DoubleNear(0.75, 1e-9)));
}

TEST(AxisTicksTest, TicksStayInsideAndAreFew) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(absl::StrCat("seed ", kSeed));
  Random random(kSeed);
  for (int round = 0; round < 20000; ++round) {
    const double low = random.Normal() * std::pow(10, random.UniformDouble() * 12 - 6);
    const double span = std::pow(10, random.UniformDouble() * 12 - 6);
    if (span < std::fabs(low) * 1e-6) continue;
    const std::vector<double> ticks = NiceTicks(low, low + span, 6);

    ASSERT_GE(ticks.size(), 2) << low << " + " << span;
    ASSERT_LE(ticks.size(), 16) << low << " + " << span;
    ASSERT_GE(ticks.front(), low - span * 0.01);
    ASSERT_LE(ticks.back(), low + span * 1.01);
    for (size_t i = 1; i < ticks.size(); ++i) ASSERT_GT(ticks[i], ticks[i - 1]);
  }
}

TEST(AxisTicksTest, LabelsHaveTheDecimalsOfTheStep) {
  EXPECT_EQ(FormatTick(20, {0, 20, 40}), "20");
  EXPECT_EQ(FormatTick(0.6, {0.55, 0.6, 0.65}), "0.60");
  EXPECT_EQ(FormatTick(2.5, {2, 2.5, 3}), "2.5");
  EXPECT_EQ(FormatTick(1200, {1000, 1200}), "1200");
  EXPECT_EQ(FormatTick(-1e-18, {-0.5, -1e-18, 0.5}), "0");
}

}  // namespace
}  // namespace niwaki::cli
