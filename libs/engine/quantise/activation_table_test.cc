#include "libs/engine/quantise/activation_table.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

using arch::OpActivation;

double At(const std::array<int8_t, 256>& table, int level, const Quantisation& output) {
  return output.scale * (table[level + 128] - output.zero_point);
}

TEST(ActivationTableTest, HardSwishIsWithinOneLevelOfTheRealOne) {
  const Quantisation input = {8.0F / 256, -3};
  const Quantisation output = {4.6F / 256, -106};
  const auto table = ActivationTable(OpActivation::kHardSwish, input, output);
  for (int level = -128; level < 128; ++level) {
    const double x = input.scale * (level - input.zero_point);
    const double real = x * std::clamp(x + 3, 0.0, 6.0) / 6;
    EXPECT_NEAR(At(table, level, output), real, 1.01 * output.scale) << level;
  }
  // Exactly nothing where the gate is shut.
  EXPECT_EQ(table[0], output.zero_point);
}

TEST(ActivationTableTest, LogisticHasItsKnownLevels) {
  const Quantisation input = {1.0F / 16, 0};
  const Quantisation output = {1.0F / 256, -128};
  const auto table = ActivationTable(OpActivation::kLogistic, input, output);
  EXPECT_EQ(table[128], 0);
  // 256 / (1 + e) - 128, and its mirror image.
  EXPECT_EQ(table[128 - 16], -59);
  EXPECT_EQ(table[128 + 16], 59);
  EXPECT_EQ(table[255], 127);
}

TEST(ActivationTableTest, HardSigmoidClampsAtBothEnds) {
  const Quantisation input = {0.5F, 0};
  const Quantisation output = {1.0F / 256, -128};
  const auto table = ActivationTable(OpActivation::kHardSigmoid, input, output);
  EXPECT_EQ(table[128 - 6], -128);
  EXPECT_EQ(table[128], 0);
  EXPECT_EQ(table[128 + 6], 127);
}

TEST(ActivationTableTest, HardSigmoidIsItsFilterWhereSaturationIsTheClamp) {
  const Quantisation output = {1.0F / 256, -128};
  for (const float scale : {1e-4F, 0.01F, 0.0235F, 0.5F, 4.0F}) {
    for (const int zero_point : {-128, -3, 0, 127}) {
      const Quantisation input = {scale, zero_point};
      const auto table = ActivationTable(OpActivation::kHardSigmoid, input, output);
      EXPECT_EQ(table, HardSigmoidFilterTable(input, output)) << scale << " " << zero_point;
      for (int level = -128; level < 128; ++level) {
        const double x = scale * (level - zero_point);
        // 1 has no level of its own.
        const double real = std::min(std::clamp(x + 3, 0.0, 6.0) / 6, 255.0 / 256);
        EXPECT_NEAR(At(table, level, output), real, 0.51 * output.scale) << level;
      }
    }
  }
  // At a coarser scale 1 is no end of int8.
  const Quantisation coarse = {1.0F / 32, -128};
  const auto table = ActivationTable(OpActivation::kHardSigmoid, {0.5F, 0}, coarse);
  EXPECT_EQ(table[255], -96);
  EXPECT_NE(table, HardSigmoidFilterTable({0.5F, 0}, coarse));
}

TEST(ActivationTableTest, HardSigmoidFilterIsASixthAndAHalf) {
  const HardSigmoidFilter filter = HardSigmoidFilterFor({0.25F, 0});
  EXPECT_NEAR(filter.weight * filter.scale, 1.0 / 6, 1e-7);
  EXPECT_NEAR(filter.bias * (0.25 * filter.scale), 0.5, 1e-4);
  // No sum leaves int32.
  EXPECT_LT(HardSigmoidFilterFor({1e-30F, 0}).bias, (int64_t{1} << 31) - 255 * 127);
}

TEST(ActivationTableTest, ReluAndRelu6RescaleAndClamp) {
  const Quantisation input = {1, 0};
  const Quantisation output = {0.5F, -100};
  const auto relu = ActivationTable(OpActivation::kRelu, input, output);
  EXPECT_EQ(relu[128 - 5], -100);
  EXPECT_EQ(relu[128 + 5], -90);
  const auto relu6 = ActivationTable(OpActivation::kRelu6, input, output);
  EXPECT_EQ(relu6[128 + 5], -90);
  EXPECT_EQ(relu6[128 + 7], -88);
}

}  // namespace
}  // namespace niwaki::engine
