#include "libs/train/step/loss_scale.h"

#include "gtest/gtest.h"

namespace niwaki::train {
namespace {

TEST(LossScaleTest, GrowsAfterGoodStepsAndHalvesOnOverflow) {
  LossScale scale = LossScale::Dynamic();

  for (int i = 0; i < LossScale::kStepsToGrow; ++i) scale.Update(/*finite=*/true);
  EXPECT_EQ(scale.scale(), 2 * LossScale::kFirst);
  scale.Update(/*finite=*/true);
  scale.Update(/*finite=*/false);

  EXPECT_EQ(scale.scale(), LossScale::kFirst);
  EXPECT_EQ(scale.good_steps(), 0);
}

TEST(LossScaleTest, OverflowAtTheSmallestScaleIsNotExcused) {
  LossScale scale(LossScale::kSmallest, 0, /*dynamic=*/true);

  EXPECT_FALSE(scale.MayOverflow());
  EXPECT_FALSE(LossScale::Fixed().MayOverflow());
  EXPECT_TRUE(LossScale::Dynamic().MayOverflow());
}

TEST(LossScaleTest, FixedNeverMoves) {
  LossScale scale = LossScale::Fixed();

  scale.Update(/*finite=*/false);

  EXPECT_EQ(scale.scale(), 1);
}

}  // namespace
}  // namespace niwaki::train
