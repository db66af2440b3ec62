#include "libs/latency/fit/instruction_rates.h"

#include <cmath>

#include "gtest/gtest.h"

namespace niwaki::latency {
namespace {

TEST(InstructionRatesTest, FactorsAreAveragedAsLogarithms) {
  const LogFactor factor = LogFactorOf({0.5, 2});

  EXPECT_EQ(factor.count, 2);
  EXPECT_DOUBLE_EQ(factor.factor(), 1);
  EXPECT_DOUBLE_EQ(factor.spread, std::log(2.0));
  EXPECT_EQ(LogFactorOf({}).count, 0);
}

TEST(InstructionRatesTest, CyclesAreThoseOfNetworksWithBothFigures) {
  // 10 ms at 100 MHz are 1 M cycles.
  const LogFactor factor =
      LogFactorOf(NetworkFactors({{"a", 2e6}, {"b", 5e6}}, {{"a", 10}, {"c", 3}}, 100));

  EXPECT_EQ(factor.count, 1);
  EXPECT_DOUBLE_EQ(factor.factor(), 0.5);
}

TEST(InstructionRatesTest, BoardsAreComparedWithinAGroup) {
  const std::vector<MlperfGroup> groups = {
      {"v1", "a", "kws", {{"L4R5", 30}, {"F746", 20}, {"H7A3", 15}}},
      {"v1", "b", "kws", {{"L4R5", 30}}},
  };

  EXPECT_EQ(BoardFactors(groups, "L4R5", {"F746", "H7A3"}).size(), 2u);
  EXPECT_DOUBLE_EQ(LogFactorOf(BoardFactors(groups, "L4R5", {"H7A3"})).factor(), 2);
  EXPECT_TRUE(BoardFactors(groups, "U575", {"H7A3"}).empty());
}

TEST(InstructionRatesTest, IntervalAddsUpIndependentSpreads) {
  EXPECT_DOUBLE_EQ(IntervalRatio({}), 1);
  EXPECT_DOUBLE_EQ(IntervalRatio({0.03, 0.04}), std::exp(1.94 * 0.05));
}

}  // namespace
}  // namespace niwaki::latency
