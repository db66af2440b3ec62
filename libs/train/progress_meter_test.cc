#include "libs/train/progress_meter.h"

#include "gtest/gtest.h"

namespace niwaki::train {
namespace {

StepResult Result(double loss, double label_loss, double accuracy) {
  StepResult result;
  result.losses = {loss, loss + 2};
  result.label_losses = {label_loss, label_loss + 4};
  result.accuracy = accuracy;
  return result;
}

TEST(ProgressMeterTest, FirstStepsAreAveragedPlainly) {
  ProgressMeter meter;

  meter.Add(Result(1, 10, 0.5), 32, 1);
  EXPECT_DOUBLE_EQ(meter.descended_loss(), 2);
  EXPECT_DOUBLE_EQ(meter.loss(), 12);
  EXPECT_DOUBLE_EQ(meter.accuracy(), 0.5);
  meter.Add(Result(3, 30, 0.1), 32, 1);
  meter.Add(Result(8, 50, 0.3), 32, 1);

  EXPECT_DOUBLE_EQ(meter.descended_loss(), 5);
  EXPECT_DOUBLE_EQ(meter.loss(), 32);
  EXPECT_DOUBLE_EQ(meter.accuracy(), 0.3);
}

TEST(ProgressMeterTest, LaterStepsWeighATwentieth) {
  ProgressMeter meter;
  for (int i = 0; i < 40; ++i) meter.Add(Result(0, 0, 0), 32, 1);

  meter.Add(Result(20, 20, 1), 32, 1);

  EXPECT_DOUBLE_EQ(meter.descended_loss(), 1 + 20.0 / 20);
  EXPECT_DOUBLE_EQ(meter.loss(), 2 + 20.0 / 20);
  EXPECT_DOUBLE_EQ(meter.accuracy(), 0.05);
}

TEST(ProgressMeterTest, ThroughputIsOfAllSteps) {
  ProgressMeter meter;
  EXPECT_EQ(meter.images_per_second(), 0);

  meter.Add(Result(1, 1, 0), 30, 2);
  meter.Add(Result(1, 1, 0), 30, 1);

  EXPECT_DOUBLE_EQ(meter.images_per_second(), 20);
}

}  // namespace
}  // namespace niwaki::train
