// The default latency model against instructions of networks that are not in its fit, counted on
// emulated boards. Where kernels have changed, `deploy/bazel.sh run //tests/latency:fit_latency`
// makes new coefficients.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/latency/latency_model.h"
#include "tests/latency/core_counts.h"
#include "tests/latency/counted_layers.h"
#include "tests/latency/counted_network.h"

namespace niwaki::latency {
namespace {

// Of instructions; the cycles that they take are another matter.
constexpr double kWorstError = 0.25;
constexpr double kMeanError = 0.12;

const LatencyModel& ModelOfCore(const std::string& core) {
  const auto& models = DefaultModels();
  return *std::find_if(models.begin(), models.end(),
                       [&](const LatencyModel& model) { return model.target == core; });
}

// The first `count` of the cases that are held out.
void ExpectWithin(const std::string& core, size_t count) {
  SCOPED_TRACE(core);
  const LatencyModel& model = ModelOfCore(core);
  ASSERT_GT(model.cycles_per_instruction, 0);
  NIWAKI_ASSERT_OK_AND_ASSIGN(std::vector<CountedCase> cases, HeldOutCases());
  if (cases.size() > count) cases.erase(cases.begin() + static_cast<ptrdiff_t>(count), cases.end());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<NetworkCount> networks,
                              CountNetworks(cases, core, model, 1 / model.cycles_per_instruction));
  double sum = 0;
  for (const NetworkCount& network : networks) {
    const double error = network.ratio() - 1;
    sum += std::abs(error);
    std::cout << absl::StreamFormat("%-24s %-10s counted %8.2f M, model %8.2f M, %+5.1f %%\n",
                                    network.name, core, network.counted / 1e6,
                                    network.predicted / 1e6, 100 * error);
    EXPECT_LE(std::abs(error), kWorstError) << network.name;
  }
  EXPECT_LE(sum / static_cast<double>(networks.size()), kMeanError);
}

TEST(CountedNetworksTest, FastKernelsAreWithinTheBound) { ExpectWithin("cortex-m7", 7); }

TEST(CountedNetworksTest, PlainKernelsAreWithinTheBound) { ExpectWithin("cortex-m3", 2); }

TEST(CountedNetworksTest, CoresWithTheDspExtensionHaveFastKernels) {
  for (const char* core : {"cortex-m4", "cortex-m7", "cortex-m33"}) {
    EXPECT_EQ(KernelsOfCore(core), engine::KernelSet::kFast) << core;
  }
  EXPECT_EQ(KernelsOfCore("cortex-m3"), engine::KernelSet::kPlain);
  EXPECT_EQ(KernelsOfCore("cortex-m0plus"), engine::KernelSet::kPlain);
}

TEST(CountedNetworksTest, ClampsOfTrainedNetworksUseAllLevels) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<CountedCase> cases, HeldOutCases());
  const engine::QuantisedNetwork& network = cases[0].network;
  NIWAKI_EXPECT_OK(engine::Validate(network));
  int clamped = 0;
  for (const arch::Op& op : network.graph.ops) {
    if (op.activation != arch::OpActivation::kRelu6) continue;
    ++clamped;
    EXPECT_EQ(network.tensors[op.output].zero_point, -128);
  }
  EXPECT_GT(clamped, 0);
}

}  // namespace
}  // namespace niwaki::latency
