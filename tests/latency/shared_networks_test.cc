// The default latency model against instructions of seven published networks, which are not in its
// fit, counted on an emulated Cortex-M7. They lie in the folder that NIWAKI_SHARED names.

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/latency/latency_model.h"
#include "tests/latency/core_counts.h"
#include "tests/latency/counted_layers.h"

namespace niwaki::latency {
namespace {

// Of instructions. Channels of trained networks that died cost nothing and are not modelled.
constexpr double kWorstError = 0.65;
constexpr double kMeanError = 0.22;

TEST(SharedNetworksTest, PublishedNetworksAreWithinTheBound) {
  const char* const shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<CountedCase> cases, PublishedCases(shared));
  const LatencyModel& model = DefaultModels().back();
  ASSERT_EQ(model.target, "stm32h743");
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const std::vector<NetworkCount> networks,
      CountNetworks(cases, "cortex-m7", model, 1 / model.cycles_per_instruction));
  double sum = 0;
  for (const NetworkCount& network : networks) {
    const double error = network.ratio() - 1;
    sum += std::abs(error);
    std::cout << absl::StreamFormat("%-36s counted %8.2f M, model %8.2f M, %+5.1f %%\n",
                                    network.name, network.counted / 1e6, network.predicted / 1e6,
                                    100 * error);
    EXPECT_LE(std::abs(error), kWorstError) << network.name;
  }
  EXPECT_LE(sum / static_cast<double>(networks.size()), kMeanError);
}

}  // namespace
}  // namespace niwaki::latency
