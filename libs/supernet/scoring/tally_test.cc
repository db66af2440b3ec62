#include "libs/supernet/scoring/tally.h"

#include <ATen/ATen.h>

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::supernet {
namespace {

std::vector<int64_t> Labels(int64_t images, int64_t classes) {
  std::vector<int64_t> labels(images);
  for (int64_t i = 0; i < images; ++i) labels[i] = i % classes;
  return labels;
}

Tally OnDevice(const at::Tensor& logits, const std::vector<int64_t>& labels) {
  return Collect(TallyOnDevice(logits, at::tensor(labels, at::kLong)));
}

TEST(TallyTest, DeviceCountsAsTheHost) {
  at::manual_seed(3);
  // Rounded, so that there are ties.
  const at::Tensor logits = (at::randn({200, 12}) * 3).round();
  const std::vector<int64_t> labels = Labels(200, 12);

  const Tally host = TallyOf(logits, labels);
  const Tally device = OnDevice(logits, labels);

  EXPECT_GT(host.top1, 0);
  EXPECT_EQ(device.top1, host.top1);
  EXPECT_EQ(device.top5, host.top5);
  EXPECT_NEAR(device.loss, host.loss, 1e-3);
  EXPECT_TRUE(host.finite && device.finite);
}

TEST(TallyTest, TiesGoToTheLowerClass) {
  const at::Tensor logits = at::zeros({3, 3});
  EXPECT_EQ(TallyOf(logits, {0, 1, 2}).top1, 1);
  EXPECT_EQ(OnDevice(logits, {0, 1, 2}).top1, 1);
}

TEST(TallyTest, NotANumberIsNotFinite) {
  const at::Tensor logits = at::full({2, 3}, std::numeric_limits<float>::quiet_NaN());
  EXPECT_FALSE(TallyOf(logits, {0, 1}).finite);
  EXPECT_FALSE(OnDevice(logits, {0, 1}).finite);
}

TEST(TallyTest, BatchesAddUp) {
  at::manual_seed(4);
  const at::Tensor logits = at::randn({40, 5});
  const std::vector<int64_t> labels = Labels(40, 5);
  const at::Tensor device_labels = at::tensor(labels, at::kLong);

  Tally sum = TallyOf(logits.narrow(0, 0, 25), absl::MakeConstSpan(labels).subspan(0, 25));
  sum.Add(TallyOf(logits.narrow(0, 25, 15), absl::MakeConstSpan(labels).subspan(25)));
  const Tally collected = Collect(
      at::stack({TallyOnDevice(logits.narrow(0, 0, 25), device_labels.narrow(0, 0, 25)),
                 TallyOnDevice(logits.narrow(0, 25, 15), device_labels.narrow(0, 25, 15))}));

  EXPECT_EQ(collected.top1, sum.top1);
  EXPECT_EQ(collected.top5, sum.top5);
  EXPECT_NEAR(collected.loss, sum.loss, 1e-4);
}

}  // namespace
}  // namespace niwaki::supernet
