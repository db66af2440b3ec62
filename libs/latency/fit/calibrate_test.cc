#include "libs/latency/fit/calibrate.h"

#include <cmath>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "libs/latency/fit/instruction_rates.h"

namespace niwaki::latency {
namespace {

std::map<std::string, Calibration> ByName(const PublishedFactors& factors) {
  std::map<std::string, Calibration> calibrations;
  for (const Calibration& c : Calibrate(factors)) calibrations[c.core + " " + c.engine] = c;
  return calibrations;
}

TEST(CalibrateTest, NetworksArePredictedByTheOthersOfTheirEngine) {
  PublishedFactors factors;
  factors.by_engine["TinyEngine"] = {0.5, 2};
  factors.by_engine["TFLM"] = {0.5, 0.5};

  const auto calibrations = ByName(factors);

  const Calibration& tiny = calibrations.at("cortex-m7 TinyEngine");
  EXPECT_DOUBLE_EQ(tiny.cycles_per_instruction, 1);
  EXPECT_EQ(tiny.pairs, 2);
  EXPECT_EQ(tiny.held_out, 2);
  // 2 predicted where 0.5 was published, and the reverse.
  EXPECT_DOUBLE_EQ(tiny.worst_error, 3);
  EXPECT_DOUBLE_EQ(tiny.held_out_error, (3 + 0.75) / 2);
  EXPECT_DOUBLE_EQ(tiny.interval_ratio, IntervalRatio({std::log(4.0)}));
  const Calibration& flat = calibrations.at("cortex-m7 TFLM");
  EXPECT_DOUBLE_EQ(flat.held_out_error, 0);
  EXPECT_DOUBLE_EQ(flat.interval_ratio, 1);
}

TEST(CalibrateTest, OwnKernelsAreAlsoHeldAgainstOtherEngines) {
  PublishedFactors factors;
  factors.by_engine["TinyEngine"] = {1, 1};
  factors.by_engine["TFLM"] = {0.5, 0.5};

  const Calibration own = ByName(factors).at("cortex-m7 niwaki");

  EXPECT_DOUBLE_EQ(own.cycles_per_instruction, 1);
  EXPECT_EQ(own.pairs, 2);
  EXPECT_EQ(own.held_out, 4);
  EXPECT_DOUBLE_EQ(own.held_out_error, 0.5);
  EXPECT_DOUBLE_EQ(own.worst_error, 1);
}

TEST(CalibrateTest, OtherCoresTakeTheRatioOfBoardsAndItsErrors) {
  PublishedFactors factors;
  factors.by_engine["TinyEngine"] = {1, 1};
  factors.over_m7["cortex-m4"] = {1, 4};

  const auto calibrations = ByName(factors);

  const Calibration& m4 = calibrations.at("cortex-m4 TinyEngine");
  EXPECT_DOUBLE_EQ(m4.cycles_per_instruction, 2);
  EXPECT_EQ(m4.held_out, 4);
  EXPECT_DOUBLE_EQ(m4.worst_error, 3);
  EXPECT_DOUBLE_EQ(calibrations.at("cortex-m7 TinyEngine").cycles_per_instruction, 1);
  // As an M4, with a wider interval.
  const Calibration& m3 = calibrations.at("cortex-m3 TinyEngine");
  EXPECT_DOUBLE_EQ(m3.cycles_per_instruction, 2);
  EXPECT_GT(m3.interval_ratio, m4.interval_ratio);
}

}  // namespace
}  // namespace niwaki::latency
