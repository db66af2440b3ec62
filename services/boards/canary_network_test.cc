#include "services/boards/canary_network.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/bill_of_materials.h"
#include "libs/engine/host/runner.h"

namespace niwaki::boards {
namespace {

TEST(CanaryNetworkTest, IsAlwaysTheSame) {
  NIWAKI_EXPECT_OK(engine::Validate(CanaryNetwork()));
  EXPECT_EQ(engine::NetworkDigest(CanaryNetwork()), engine::NetworkDigest(CanaryNetwork()));
}

TEST(CanaryNetworkTest, OutputsDependOnTheInput) {
  const engine::QuantisedNetwork network = CanaryNetwork();
  auto host = engine::HostRunner::Create(&network);
  NIWAKI_ASSERT_OK(host);
  Random random(/*seed=*/1);
  std::set<std::vector<int8_t>> outputs;
  for (int i = 0; i < 4; ++i) {
    std::vector<int8_t> input(network.graph.shape(host->input()).elements());
    for (int8_t& level : input) level = static_cast<int8_t>(random.Uniform(256));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto output, host->Run(input));
    ASSERT_EQ(output.size(), 8);
    // Levels that saturate would hide what is wrong.
    EXPECT_GT(std::set<int8_t>(output.begin(), output.end()).size(), 3);
    outputs.insert({output.begin(), output.end()});
  }
  EXPECT_EQ(outputs.size(), 4);
}

}  // namespace
}  // namespace niwaki::boards
