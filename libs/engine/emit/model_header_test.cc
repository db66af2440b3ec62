#include "libs/engine/emit/model_header.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ModelHeaderTest, BordersLieInsideOfQuantizeAndDequantize) {
  const QuantisedNetwork network = ImportedNetwork(1);
  const Borders borders = BordersOf(network.graph);
  EXPECT_EQ(borders.input, network.graph.ops.front().output);
  EXPECT_EQ(borders.output, network.graph.ops.back().input);
  const QuantisedNetwork plain = BottleneckNetwork(1);
  EXPECT_EQ(BordersOf(plain.graph).input, plain.graph.input);
  EXPECT_EQ(BordersOf(plain.graph).output, plain.graph.output);
}

TEST(ModelHeaderTest, HookIsThereWhereItIsAskedFor) {
  const QuantisedNetwork network = BottleneckNetwork(1);
  const MemoryPlan plan = PlanMemory(network.graph);
  EmitOptions options;
  options.prefix = "kws";
  EXPECT_THAT(ModelHeader(network, plan, options), Not(HasSubstr("kws_hook")));
  options.profile = true;
  EXPECT_THAT(ModelHeader(network, plan, options), HasSubstr("int kws_invoke_profiled("));
}

}  // namespace
}  // namespace niwaki::engine
