#include "libs/engine/sensor/posteriors.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/sensor/test_sensor.h"

namespace niwaki::engine {
namespace {

TEST(PosteriorsTest, OutputsBecomeSharesOfCertainty) {
  const QuantisedNetwork network = HearingNetwork(49, 40);
  EXPECT_FALSE(EndsInSoftmax(network));
  const float scale = network.tensors[network.graph.output].scale;
  const std::vector<int8_t> outputs = {10, -20, 5};
  double sum = 0;
  for (const int8_t level : outputs) sum += std::exp(scale * level);
  const std::vector<uint8_t> posteriors = PosteriorsOf(network, outputs);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(posteriors[i], 256 * std::exp(scale * outputs[i]) / sum, 1);
  }
}

TEST(PosteriorsTest, NetworkThatEndsInASoftmaxHasThemAlready) {
  const QuantisedNetwork network = BottleneckNetwork(1);
  EXPECT_TRUE(EndsInSoftmax(network));
  EXPECT_THAT(PosteriorsOf(network, std::vector<int8_t>{-128, 0, 127}),
              ::testing::ElementsAre(0, 128, 255));
}

}  // namespace
}  // namespace niwaki::engine
